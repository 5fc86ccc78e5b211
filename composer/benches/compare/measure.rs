//! Time measurement. Each subject runs often enough to fill a sample, and the subjects
//! take turns, so that a temporary disturbance of the machine affects all of them alike.

use std::time::Duration;

use tokio::runtime::Runtime;

use crate::subjects::Run;

#[derive(Clone, Copy)]
pub(crate) struct Effort {
    sample: Duration,
    samples: usize,
}

impl Effort {
    pub(crate) fn new(quick: bool) -> Effort {
        match quick {
            true => Effort {
                sample: Duration::from_millis(5),
                samples: 3,
            },
            false => Effort {
                sample: Duration::from_millis(25),
                samples: 15,
            },
        }
    }
}

/// The median time of one iteration of each run, in nanoseconds.
#[allow(dead_code)] // not every benchmark needs it
pub(crate) fn measure(runtime: &Runtime, effort: Effort, runs: &mut [Run]) -> Vec<f64> {
    let times: Vec<u32> = runs
        .iter_mut()
        .map(|run| calibrate(runtime, effort, run))
        .collect();
    let sample = |n: usize| runs[n](runtime, times[n]);
    let taken = in_turns(effort, &times, sample);
    taken.into_iter().map(median).collect()
}

/// Like `measure`, with subjects made anew for each sample: the place where their memory
/// happens to lie is no property of a subject. Returns every sample of each subject, in
/// nanoseconds, in the order in which they were taken.
#[allow(dead_code)] // not every benchmark needs it
pub(crate) fn measure_anew(
    runtime: &Runtime,
    effort: Effort,
    make: &mut [Box<dyn FnMut() -> Run + '_>],
) -> Vec<Vec<f64>> {
    let mut times = Vec::new();
    for make in make.iter_mut() {
        times.push(calibrate(runtime, effort, &mut make()));
    }
    in_turns(effort, &times, |n| {
        let mut run = make[n]();
        run(runtime, 1);
        run(runtime, times[n].div_ceil(8));
        run(runtime, times[n])
    })
}

/// All samples of subjects that take turns: `sample` runs the nth one as often as `times`
/// says.
fn in_turns(
    effort: Effort,
    times: &[u32],
    mut sample: impl FnMut(usize) -> Duration,
) -> Vec<Vec<f64>> {
    let mut taken = vec![Vec::new(); times.len()];
    for _ in 0..effort.samples {
        for (n, times) in times.iter().enumerate() {
            let spent = sample(n);
            taken[n].push(spent.as_secs_f64() * 1e9 / f64::from(*times));
        }
    }
    taken
}

/// The number of iterations that fill a sample.
///
/// One-time costs (growing memory, waking threads) come first and are not counted, and a
/// single delay does not make a subject count as slow.
fn calibrate(runtime: &Runtime, effort: Effort, run: &mut Run) -> u32 {
    run(runtime, 1);
    let mut times = 1;
    loop {
        let spent = run(runtime, times).min(run(runtime, times));
        if spent >= effort.sample / 2 || times >= 1 << 24 {
            let scale = effort.sample.as_secs_f64() / spent.as_secs_f64().max(1e-9);
            return ((f64::from(times) * scale) as u32).clamp(1, 1 << 25);
        }
        times *= 4;
    }
}

pub(crate) fn median(mut taken: Vec<f64>) -> f64 {
    taken.sort_by(f64::total_cmp);
    let middle = taken.len() / 2;
    match taken.len() % 2 {
        0 => (taken[middle - 1] + taken[middle]) / 2.0,
        _ => taken[middle],
    }
}
