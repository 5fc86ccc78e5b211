//! The calls that are measured: one row of the table for each.

use std::time::Duration;

use futures::future::LocalBoxFuture;
use tokio::runtime::Runtime;
use wasmtime::component::Linker;

use crate::case::{Call, Case, Compiler, Host, Part};
use crate::subjects::direct::{self, Direct, Outer, TreeNode};
use crate::subjects::ours::{self, Composed};
use crate::subjects::{Run, Subject, channel, run, typed, wac};

pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    case: Case,
    direct: Option<MakeDirect>,
    typed: Option<MakeTyped>,
    /// Whether an `async func` occurs anywhere, even in an export of a guest that is not
    /// called: such a row needs an engine with concurrency support.
    pub(crate) is_async: bool,
    /// Whether it runs on a runtime of several threads.
    pub(crate) threads: bool,
    /// Whether its values fit into `Val`s within wasmtime's limits.
    by_val: bool,
}

type MakeDirect = fn(Direct) -> Run;
type MakeTyped = for<'a> fn(&'a Compiler, &'a Case) -> LocalBoxFuture<'a, Composed>;

const ECHO: Option<&str> = Some("test:values/echo@0.1.0");
const ECHO_ASYNC: Option<&str> = Some("test:values/echo-async@0.1.0");

impl Row {
    fn new(id: &'static str, title: &str, case: Case) -> Row {
        Row {
            id,
            title: title.to_owned(),
            case,
            direct: None,
            typed: None,
            is_async: false,
            threads: false,
            by_val: true,
        }
    }

    fn direct(mut self, make: MakeDirect) -> Row {
        self.direct = Some(make);
        self
    }

    fn typed(mut self, make: MakeTyped) -> Row {
        self.typed = Some(make);
        self
    }

    fn concurrent(mut self) -> Row {
        self.is_async = true;
        self
    }

    /// The same row on a runtime of several threads.
    fn on_threads(mut self, id: &'static str) -> Row {
        self.id = id;
        self.title += ", several threads";
        self.threads = true;
        self
    }

    /// All subjects that support this row, ready to run.
    pub(crate) fn runs(
        &self,
        runtime: &Runtime,
        plain: &Compiler,
        inlining: &Compiler,
        only: &str,
    ) -> Vec<(Subject, Run)> {
        let mut runs = Vec::new();
        let subjects = Subject::ALL.into_iter();
        for subject in subjects.filter(|subject| subject.title().contains(only)) {
            let made = runtime.block_on(self.make(subject, plain, inlining));
            runs.extend(made.map(|run| (subject, run)));
        }
        runs
    }

    async fn make(&self, subject: Subject, plain: &Compiler, inlining: &Compiler) -> Option<Run> {
        let Row { case, .. } = self;
        let composed = async |composer: composer::Composer| {
            let composition = composer.compose().await.unwrap();
            run(Composed::new(composition, &case.call), case.call)
        };
        Some(match subject {
            Subject::Direct => self.direct?(Direct::new(plain, &case.parts[0]).await),
            Subject::Wac => run(wac::ready(plain, case).await, case.call),
            Subject::Fused => composed(ours::fused(plain, case)).await,
            Subject::Inlined => composed(ours::fused(inlining, case)).await,
            Subject::Channel if self.by_val => run(channel::ready(plain, case).await, case.call),
            Subject::Channel => return None,
            Subject::Dynamic => composed(ours::apart(plain, case)).await,
            Subject::Typed => run(self.typed?(plain, case).await, case.call),
        })
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = vec![
        add(),
        add().on_threads("add, threads"),
        texts(),
        texts().on_threads("text, threads"),
        bytes("1 KiB", 1 << 10, |it| echo_bytes(it, 1 << 10)),
        bytes("64 KiB", 64 << 10, |it| echo_bytes(it, 64 << 10)),
        bytes("1 MiB", 1 << 20, |it| echo_bytes(it, 1 << 20)),
        Row {
            // A `Val` takes 40 bytes per element, and wasmtime allows 128 MiB of them.
            by_val: false,
            ..bytes("16 MiB", 16 << 20, |it| echo_bytes(it, 16 << 20))
        },
        records("100", 100, |it| echo_records(it, 100)),
        records("10,000", 10_000, |it| echo_records(it, 10_000)),
        Row::new(
            "tree",
            "echo of a tree of 1,000 variants",
            Case::pair("tree.wat", "trees.wat", "sends", 1000),
        )
        .direct(|it| {
            let trees = Some("bench:compare/trees");
            let tree = direct::tree(1000);
            it.repeat::<(Vec<TreeNode>,), (Vec<TreeNode>,)>(trees, "echo", (tree,))
        })
        .typed(|c, k| Box::pin(typed::sends::ready(c, k))),
        Row::new("resource", "a resource: create, call, drop", counters())
            .direct(Direct::counters)
            .typed(|c, k| Box::pin(typed::churn::ready(c, k))),
        Row::new(
            "async",
            "`async` echo of 32 bytes, does not wait",
            Case::pair("values", "async-echoes.wat", "texts", 32),
        )
        .direct(|it| {
            let text = "x".repeat(32);
            it.repeat::<(String,), (String,)>(ECHO_ASYNC, "echo-string", (text,))
        })
        .typed(|c, k| Box::pin(typed::async_texts::ready(c, k)))
        .concurrent(),
    ];
    for (id, title, calls) in [
        ("wait", "one `async` call that waits 10 ms", 1),
        ("waits", "1,000 at once that each wait 10 ms", 1000),
    ] {
        let row = Row::new(id, title, steps(calls));
        rows.push(
            row.typed(|c, k| Box::pin(typed::fan_out::ready(c, k)))
                .concurrent(),
        );
    }
    for (id, length) in [("chain2", 2), ("chain8", 8), ("chain32", 32)] {
        let title = format!("a call through {length} components");
        rows.push(Row::new(id, &title, Case::chain(length)));
    }
    rows
}

fn add() -> Row {
    let mut case = Case::pair("add.wat", "adds.wat", "adds", 1);
    case.call.answer = |size, times| Some(size.wrapping_mul(times));
    Row::new("add", "`add(u32, u32)`", case)
        .direct(|it| it.repeat::<(u32, u32), (u32,)>(None, "add", (1, 2)))
        .typed(|c, k| Box::pin(typed::adds::ready(c, k)))
}

fn texts() -> Row {
    Row::new("text", "echo of a string of 32 bytes", pump("texts", 32))
        .direct(|it| {
            let text = "x".repeat(32);
            it.repeat::<(String,), (String,)>(ECHO, "echo-string", (text,))
        })
        .typed(|c, k| Box::pin(typed::texts::ready(c, k)))
        .concurrent()
}

fn pump(name: &'static str, size: u32) -> Case {
    Case::pair("values", "pump.wat", name, size)
}

fn bytes(size: &'static str, bytes: u32, direct: MakeDirect) -> Row {
    Row::new(
        size,
        &format!("echo of {size} of `list<u8>`"),
        pump("bytes", bytes),
    )
    .direct(direct)
    .typed(|c, k| Box::pin(typed::bytes::ready(c, k)))
    .concurrent()
}

fn echo_bytes(it: Direct, size: usize) -> Run {
    it.repeat::<(Vec<u8>,), (Vec<u8>,)>(ECHO, "echo-bytes", (vec![7; size],))
}

fn records(count: &'static str, records: u32, direct: MakeDirect) -> Row {
    Row::new(
        count,
        &format!("echo of {count} records"),
        pump("records", records),
    )
    .direct(direct)
    .typed(|c, k| Box::pin(typed::records::ready(c, k)))
    .concurrent()
}

fn echo_records(it: Direct, count: u32) -> Run {
    let records = direct::records(count);
    it.repeat::<(Vec<Outer>,), (Vec<Outer>,)>(ECHO, "echo-records", (records,))
}

fn counters() -> Case {
    Case {
        parts: vec![
            Part::new("callee", "counters"),
            Part::new("caller", "counters-user"),
        ],
        call: Call {
            interface: Some("test:resources/user@0.1.0"),
            name: "churn",
            args: |_, times| vec![times],
            size: 0,
            repeats: true,
            answer: |_, times| Some(times),
        },
        host: None,
    }
}

fn steps(calls: u32) -> Case {
    Case {
        parts: vec![
            Part::new("callee", "steps"),
            Part::new("caller", "steps-user"),
        ],
        call: Call {
            interface: Some("test:flow/driver@0.1.0"),
            name: "fan-out",
            args: |size, _| vec![size, 10],
            size: calls,
            repeats: false,
            answer: |_, _| None,
        },
        host: Some(Host {
            interface: "test:flow/host@0.1.0",
            define: define_host,
        }),
    }
}

/// The imports of `steps`; the host does not call it back here.
fn define_host(linker: &mut Linker<()>) {
    let mut host = linker.instance("test:flow/host@0.1.0").unwrap();
    let wait = host.func_wrap_concurrent("wait", |_, (ms,): (u32,)| {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(ms.into())).await;
            Ok(())
        })
    });
    wait.unwrap();
    host.func_wrap("note", |_, (_,): (String,)| Ok(())).unwrap();
    host.func_wrap("call-back", |_, (_, depth): (String, u32)| Ok((depth,)))
        .unwrap();
    let call_back = host.func_wrap_concurrent("call-back-async", |_, (_, depth): (String, u32)| {
        Box::pin(async move { Ok((depth,)) })
    });
    call_back.unwrap();
}
