//! How code that spins shares the processors with everybody else.
//!
//! It has them for a stint at a time. As long as nobody waits for it that is all
//! there is to it. Once somebody does, stints are short for a while, and there are
//! places for fewer of them at once than there are processors: with all of them
//! busy, the ticker's thread would wait until the system takes one away, and that is
//! for milliseconds.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use crate::instance::lock;
use crate::instance::ticker::{Alarm, TICK};

/// How long a stint is while others wait.
const SHORT: Duration = Duration::from_micros(250);

/// For so long after somebody waited, others are taken to be waiting.
const CROWDED: Duration = Duration::from_secs(2);

pub(crate) struct Stints(Mutex<State>);

struct State {
    /// Until when others are taken to be waiting.
    crowded: Option<Instant>,
    /// Until when each place is taken. Who goes before that says so.
    places: Vec<Option<Instant>>,
    /// Those that want a place, in the order they came in.
    waiting: VecDeque<Weak<Alarm>>,
}

/// A place that is taken until then.
pub(super) struct Place {
    nth: usize,
    until: Instant,
}

impl Stints {
    pub(in crate::instance) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, |count| count.get());
        Stints::with_places(processors.saturating_sub(1).max(1))
    }

    fn with_places(places: usize) -> Self {
        Stints(Mutex::new(State {
            crowded: None,
            places: vec![None; places],
            waiting: VecDeque::new(),
        }))
    }

    /// How long a stint is.
    pub(in crate::instance) fn length(&self, now: Instant) -> Duration {
        lock(&self.0).length(now)
    }

    /// Others have waited for the end of a stint.
    pub(super) fn crowd(&self, now: Instant) {
        lock(&self.0).crowded = Some(now + CROWDED);
    }

    /// Begins a stint, which needs no place as long as nobody waits for its end. If
    /// there is no place, `alarm` rings when there is, or else it is asked again at
    /// the time that is returned.
    pub(super) fn begin(&self, now: Instant, alarm: &Arc<Alarm>) -> Result<Option<Place>, Instant> {
        let mut state = lock(&self.0);
        // Those whose call has ended meanwhile are not waiting.
        state.waiting.retain(|waiting| waiting.strong_count() > 0);
        let me = Arc::downgrade(alarm);
        let in_line = state.waiting.iter().position(|it| it.ptr_eq(&me));
        let length = state.length(now);
        if !state.is_crowded(now) {
            in_line.map(|nth| state.waiting.remove(nth));
            return Ok(None);
        }
        let is_free = |until: &Option<Instant>| until.is_none_or(|until| until <= now);
        let free: Vec<_> = (0..state.places.len())
            .filter(|&nth| is_free(&state.places[nth]))
            .collect();
        let before = in_line.unwrap_or(state.waiting.len());
        match free.get(before) {
            Some(&nth) => {
                in_line.map(|nth| state.waiting.remove(nth));
                let until = now + 2 * length;
                state.places[nth] = Some(until);
                Ok(Some(Place { nth, until }))
            }
            None => {
                if in_line.is_none() {
                    state.waiting.push_back(me);
                }
                Err(now + 2 * length)
            }
        }
    }

    /// Leaves a place to the next that waits for one.
    pub(super) fn end(&self, place: &Place) {
        let mut state = lock(&self.0);
        let known = &mut state.places[place.nth];
        if *known != Some(place.until) {
            // It took longer than it was to, and another has the place.
            return;
        }
        *known = None;
        let next = state.waiting.iter().find_map(Weak::upgrade);
        drop(state);
        next.into_iter().for_each(|alarm| alarm.ring());
    }
}

impl State {
    fn is_crowded(&self, now: Instant) -> bool {
        self.crowded.is_some_and(|until| now < until)
    }

    fn length(&self, now: Instant) -> Duration {
        match self.is_crowded(now) {
            true => SHORT,
            false => TICK,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::{CROWDED, SHORT, Stints};
    use crate::instance::ticker::{Alarm, TICK};

    /// The clock is in the hands of the tests.
    struct Crowd {
        stints: Stints,
        now: Instant,
    }

    fn crowd(places: usize) -> Crowd {
        let (stints, now) = (Stints::with_places(places), Instant::now());
        stints.crowd(now);
        Crowd { stints, now }
    }

    #[test]
    fn without_others_there_are_places_for_all() {
        let (stints, now) = (Stints::with_places(1), Instant::now());
        for _ in 0..3 {
            assert!(matches!(stints.begin(now, &Arc::default()), Ok(None)));
        }
        assert_eq!(stints.length(now), TICK);
    }

    #[test]
    fn others_count_for_a_while() {
        let Crowd { stints, now } = crowd(1);
        let last = now + CROWDED - Duration::from_nanos(1);
        for (at, length) in [(now, SHORT), (last, SHORT), (now + CROWDED, TICK)] {
            assert_eq!(stints.length(at), length);
        }
        let late = stints.begin(now + CROWDED, &Arc::default());
        assert!(matches!(late, Ok(None)));
    }

    #[test]
    fn places_are_given_in_line() {
        let Crowd { stints, now } = crowd(2);
        let alarms: [Arc<Alarm>; 4] = Default::default();
        let begun = alarms.each_ref().map(|alarm| stints.begin(now, alarm));
        let [Ok(Some(first)), Ok(Some(_)), Err(_), Err(_)] = begun else {
            panic!("two places");
        };
        stints.end(&first);
        assert!(
            stints.begin(now, &alarms[3]).is_err(),
            "the third comes first"
        );
        assert!(stints.begin(now, &alarms[0]).is_err(), "both come first");
        assert!(matches!(stints.begin(now, &alarms[2]), Ok(Some(_))));
    }

    #[test]
    fn the_next_in_line_is_told() {
        let Crowd { stints, now } = crowd(1);
        let alarms: [Arc<Alarm>; 3] = Default::default();
        let Ok(Some(place)) = stints.begin(now, &alarms[0]) else {
            panic!("a place");
        };
        let [_, gone, next] = alarms;
        assert!(stints.begin(now, &gone).is_err());
        assert!(stints.begin(now, &next).is_err());
        drop(gone);
        assert!(!next.has_rung(std::task::Waker::noop()));
        stints.end(&place);
        assert!(next.has_rung(std::task::Waker::noop()));
        assert!(matches!(stints.begin(now, &next), Ok(Some(_))));
    }

    /// A call may end, or wait for something, in the middle of a stint.
    #[test]
    fn a_place_that_is_not_left_becomes_free() {
        let Crowd { stints, now } = crowd(1);
        let Ok(Some(left)) = stints.begin(now, &Arc::default()) else {
            panic!("a place");
        };
        let again = Arc::default();
        let Err(later) = stints.begin(now, &again) else {
            panic!("no place");
        };
        let Ok(Some(_)) = stints.begin(later, &again) else {
            panic!("a place");
        };
        // Who comes back after that has nothing to leave.
        stints.end(&left);
        assert!(stints.begin(later, &Arc::default()).is_err());
    }
}
