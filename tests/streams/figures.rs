//! What is told of streams: their metrics.

use composer::{ComposableDescriptor, Composer, Value};
use metrics::set_default_local_recorder;

use crate::streams::{SOURCE, USER, call};
use crate::support::counters::{until, within};
use crate::support::figures::Figures;
use crate::support::part;

/// Both sides of a stream count what moves, each in its direction, and streams that have
/// ended are not open.
#[tokio::test]
async fn each_side_counts_what_moves() {
    let figures = Figures::default();
    let _recording = set_default_local_recorder(&figures);
    let mut composer = Composer::new();
    for name in ["streams", "streams-user"] {
        composer.add(ComposableDescriptor::new(name, part(name)));
    }
    let composition = composer.compose().await.unwrap();
    let args = [100_000u64.into(), 1000u32.into(), 700u32.into()];
    call(&composition, USER, "check-bytes", args).await.unwrap();
    call(&composition, USER, "count-ticks", [50u32.into()])
        .await
        .unwrap();

    let moved = |figure: &str, component: &str, direction: &str| {
        figures.get(&format!(
            "composer_stream_{figure}_total{{component={component},direction={direction}}}"
        ))
    };
    for (component, direction, other) in [
        ("streams", "written", "read"),
        ("streams-user", "read", "written"),
    ] {
        assert_eq!(moved("items", component, direction), 100_050.0);
        // Items without a value have no bytes.
        assert_eq!(moved("bytes", component, direction), 100_000.0);
        assert_eq!(moved("items", component, other), 0.0);
        let open = format!("composer_streams_open{{component={component}}}");
        until("they have ended", || figures.get(&open) == 0.0).await;
        assert_eq!(figures.peak(&open), 1.0, "{component}");
    }
}

/// An open stream is seen while it is open, and is gone with its component.
#[tokio::test]
async fn open_streams_are_seen() {
    let figures = Figures::default();
    let _recording = set_default_local_recorder(&figures);
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("streams", part("streams")));
    let composition = composer.compose().await.unwrap();
    let open = || figures.get("composer_streams_open{component=streams}");
    let mut kept = Vec::new();
    for _ in 0..3 {
        let args = [10_000_000u64.into(), 1000u32.into()];
        let bytes = call(&composition, SOURCE, "bytes", args).await.unwrap();
        assert!(matches!(bytes, Value::Stream(_)));
        kept.push(bytes);
    }
    assert_eq!(open(), 3.0);
    kept.pop();
    until("one is gone", || open() == 2.0).await;
    within(composition.shutdown(std::time::Duration::ZERO)).await;
    assert_eq!(open(), 0.0);
}
