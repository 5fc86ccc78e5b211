//! The order of calls between two uses of an address's lock, which only another thread can
//! see.

#![allow(clippy::unwrap_used)]

use tokio::sync::oneshot;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

use super::*;
use crate::boundary::isolated::waiting_line::CallInLine;
use crate::boundary::transferred_values::TransferredValues;
use crate::observe::call_record::{CallOrigin, CallerRecord};
use crate::transfer::CallValues;
use crate::{ComposableComponent, ComposableDescriptor, Composer, Composition};

const CALLEE: &str = r#"(component
    (core module $m (func (export "f")))
    (core instance $i (instantiate $m))
    (func (export "f") (canon lift (core func $i "f"))))"#;

/// An export of a running component, and what keeps that running.
struct RunningExport {
    _composition: Composition,
    export: ExportRef,
    planned: Arc<ExportOffer>,
}

impl RunningExport {
    async fn start() -> RunningExport {
        let engine = Engine::default();
        let component = Component::new(&engine, CALLEE).unwrap();
        let part = ComposableComponent::new(component, Linker::new(&engine), move || {
            Store::new(&engine, ())
        });
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("callee", part));
        let composition = composer.compose().await.unwrap();
        let callee = composition.component("callee").unwrap();
        let export = callee.export_refs().of(0);
        let planned = lock(&export.address.state).offers.get(0).clone();
        RunningExport {
            export,
            planned,
            _composition: composition,
        }
    }

    fn address(&self) -> &Address {
        &self.export.address
    }

    /// Whether a call is admitted at once.
    fn admits(&self, by: CallOrigin<'_>) -> bool {
        let entered = self.export.enter_now(&self.planned, "f", None, by);
        entered.unwrap().0.is_some()
    }

    fn admits_a_component(&self) -> bool {
        self.admits(CallOrigin::Import {
            caller: &self.address().incarnation(),
            parent: &|| None,
        })
    }
}

#[tokio::test]
async fn a_call_of_a_component_waits_while_the_line_is_served() {
    let running = RunningExport::start().await;
    assert!(running.admits_a_component());
    lock(&running.address().state).line.is_served = true;
    assert!(!running.admits_a_component());
    assert!(running.admits(CallOrigin::Host));
}

#[tokio::test]
async fn a_line_is_served_by_one_thread() {
    let running = RunningExport::start().await;
    let address = running.address();
    let (incarnation, key) = (address.incarnation(), 7);
    let mut state = lock(&address.state);
    let _ = state.line.join(LineItem::Drop { incarnation, key });
    state.line.is_served = true;
    drop(state);
    address.serve_line();
    let mut state = lock(&address.state);
    assert!(state.line.next(&mut Vec::new()).is_some());
}

#[tokio::test]
async fn a_call_that_joins_the_line_after_the_gate_was_opened_is_let_in() {
    let running = RunningExport::start().await;
    running.address().hold();
    assert!(!running.admits_a_component());
    running.address().release();
    let (is_let_in, mut let_in) = oneshot::channel();
    let call = CallInLine {
        parent: None,
        record: CallerRecord::default().record(),
        args: TransferredValues {
            values: CallValues::Dynamic(Vec::new()),
            handles: Vec::new(),
        },
        frozen: None,
        is_let_in,
    };
    let planned = &running.planned;
    running.export.queue_call(planned, "f", None, call);
    assert!(let_in.try_recv().unwrap().is_ok());
}
