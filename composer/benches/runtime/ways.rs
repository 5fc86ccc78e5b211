//! The ways to run a pair of components.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use composer::runtime::Limits;
use composer::wasi::WasiComponent;
use composer::{
    CallError, ComposableDescriptor, Composer, Composition, Engines, ExportFunc, Runtime, Value,
};
use wasmtime::component::Component;

use crate::Row;
use crate::by_hand::ByHand;
use crate::pairs::Pair;
use crate::subjects::Run;

/// The ways, in the order of the table's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Bare,
    ByHand,
    HighPerformance,
    Default,
    Strict,
}

impl Way {
    pub(crate) const ALL: [Way; 5] = [
        Way::Bare,
        Way::ByHand,
        Way::HighPerformance,
        Way::Default,
        Way::Strict,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Way::Bare => "bare",
            Way::ByHand => "by hand",
            Way::HighPerformance => "`high_performance`",
            Way::Default => "`default`",
            Way::Strict => "`strict`",
        }
    }

    /// The limits of the `Runtime`, if the way has one.
    fn limits(self) -> Option<Limits> {
        match self {
            Way::Bare | Way::ByHand => None,
            Way::HighPerformance => Some(Limits::high_performance()),
            Way::Default => Some(Limits::default()),
            Way::Strict => Some(Limits::strict()),
        }
    }
}

/// The reason why the call of a run failed, if one did: the run cannot continue after
/// that.
pub(crate) type Failure = Rc<RefCell<Option<String>>>;

/// The time that a failed run reports: so long that `measure` does not repeat it more
/// often.
const FAILED: Duration = Duration::from_secs(1);

/// The components and runtimes that all rows share, so that nothing is compiled twice.
pub(crate) struct Ways {
    components: Vec<(Pair, [Component; 2])>,
    /// One for each set of limits, so that its engines count only what is limited.
    runtimes: Vec<(Way, Runtime)>,
}

impl Ways {
    pub(crate) fn new() -> Ways {
        let engines = Engines::new().unwrap();
        let compile = |pair: Pair| {
            let compile = |part: crate::pairs::Part| {
                let component = engines.component_from_bytes(part.name, &part.bytes);
                let component = component.unwrap();
                assert!(!component.engine().get_concurrency_support());
                component
            };
            (pair, pair.parts().map(compile))
        };
        let runtime = |way: Way| {
            let runtime = Runtime::builder().limits(way.limits()?).build();
            Some((way, runtime.unwrap()))
        };
        Ways {
            components: Pair::ALL.map(compile).into(),
            runtimes: Way::ALL.into_iter().filter_map(runtime).collect(),
        }
    }

    /// The pair, ready to do what the row says.
    pub(crate) async fn run(&self, row: Row, pair: Pair, way: Way, failure: Failure) -> Run {
        match way {
            Way::ByHand => self.by_hand(row, pair).await,
            _ => self.composed(row, pair, way, failure).await,
        }
    }

    async fn composed(&self, row: Row, pair: Pair, way: Way, failure: Failure) -> Run {
        let composition = match self.runtimes.iter().find(|(other, _)| *other == way) {
            Some((_, runtime)) => pair.load(runtime).await,
            None => self.bare(pair).await,
        };
        let func = composition.get_func(None, row.func).unwrap();
        Box::new(move |tokio, times| {
            // This keeps the composition alive for as long as the closure.
            let _composition = &composition;
            if failure.borrow().is_some() {
                return FAILED;
            }
            let begun = Instant::now();
            let answer = tokio.block_on(call(&func, row.size, times));
            let spent = begun.elapsed();
            match answer {
                Ok(answer) => {
                    row.check(times, answer);
                    spent
                }
                Err(error) => {
                    let text = format!("after {spent:.1?}: {error}");
                    failure.replace(Some(text));
                    FAILED
                }
            }
        })
    }

    async fn by_hand(&self, row: Row, pair: Pair) -> Run {
        let [callee, caller] = self.compiled(pair);
        let waits = pair != Pair::Wat;
        let mut by_hand = ByHand::new(callee, caller, waits, row.func).await;
        Box::new(move |tokio, times| {
            let begun = Instant::now();
            let answer = tokio.block_on(by_hand.call(row.size, times));
            let spent = begun.elapsed();
            row.check(times, answer);
            spent
        })
    }

    /// A composition without a `Runtime` and without limits; components without WASI are
    /// plain parts.
    async fn bare(&self, pair: Pair) -> Composition {
        let mut composer = Composer::new();
        for (part, component) in pair.parts().iter().zip(self.compiled(pair)) {
            composer.add(match part.wasi {
                true => ComposableDescriptor::new(part.name, WasiComponent::new(component.clone())),
                false => ComposableDescriptor::new(part.name, component.clone()),
            });
        }
        composer.compose().await.unwrap()
    }

    fn compiled(&self, pair: Pair) -> &[Component; 2] {
        let mut components = self.components.iter();
        &components.find(|(other, _)| *other == pair).unwrap().1
    }
}

async fn call(func: &ExportFunc, size: u32, times: u32) -> Result<u32, CallError> {
    match func.call_owned([size.into(), times.into()]).await? {
        Some(Value::U32(answer)) => Ok(answer),
        other => panic!("{other:?} is no number"),
    }
}
