//! Changing filters while requests go through them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use composer_gateway::demo::guest_file;
use composer_gateway::error::GatewayError;
use hyper::Request;

use crate::support::{World, empty, filter, route, within};

/// Marks requests and responses with its version, so that a mixture of versions shows.
fn version(n: u64) -> [String; 2] {
    let config = format!("config = '''request set x-in {n}\nresponse set x-out {n}'''");
    [filter("http-rewrite", &config), route("/", "'rewrite'", "")]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_lost_and_each_is_of_one_version() {
    let world = Arc::new(World::start(&version(1)).await);
    let done = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicU64::new(0));
    let clients: Vec<_> = (0..32)
        .map(|_| {
            let (world, done, answered) = (world.clone(), done.clone(), answered.clone());
            tokio::spawn(async move {
                let mut last = 0;
                while !done.load(Ordering::Acquire) {
                    let asked = world.gateway.site().generation;
                    let answer = world.get("/").await;
                    assert_eq!(answer.status, 200, "{}", answer.body);
                    let (sent, got) = (answer.sent("x-in"), answer.header("x-out"));
                    assert_eq!(sent, got);
                    let version: u64 = got.unwrap().parse().unwrap();
                    assert!(
                        asked <= version && last <= version,
                        "{asked}, {last}: {version}"
                    );
                    last = version;
                    answered.fetch_add(1, Ordering::AcqRel);
                }
            })
        })
        .collect();
    for n in 2..=12 {
        // Some requests go through each version.
        let before = answered.load(Ordering::Acquire);
        while answered.load(Ordering::Acquire) < before + 100 {
            tokio::task::yield_now().await;
        }
        world.write(&version(n));
        assert_eq!(world.gateway.reload().await.unwrap(), n);
    }
    let mut retired = world.gateway.retirements();
    within(retired.wait_for(|retired| *retired == 11))
        .await
        .unwrap();
    done.store(true, Ordering::Release);
    for client in clients {
        within(client).await.unwrap();
    }
    assert!(answered.load(Ordering::Acquire) >= 1100);
    Arc::into_inner(world).unwrap().stop().await;
}

#[tokio::test]
async fn a_request_under_way_ends_with_the_old_filter() {
    let limits = "[limits]\ndrain-ms = 600000\n".to_owned();
    let world = World::start(&[&[limits][..], &version(1)].concat()).await;
    let (to, from) = tokio::sync::mpsc::channel::<hyper::body::Bytes>(1);
    let body = http_body_util::StreamBody::new(futures::stream::unfold(from, async |mut from| {
        let piece = from.recv().await?;
        Some((Ok(hyper::body::Frame::data(piece)), from))
    }));
    let request = Request::post(world.uri("/"));
    let request = request
        .body(http_body_util::BodyExt::boxed_unsync(body))
        .unwrap();
    let response = within(world.client.request(request)).await.unwrap();
    let old = world.gateway.site();

    world.write(&version(2));
    world.gateway.reload().await.unwrap();
    assert_eq!(world.get("/").await.header("x-out"), Some("2"));
    assert!(!old.is_retired());
    drop(to);
    let answer = crate::support::Answer::of(response).await.unwrap();
    assert_eq!(
        (answer.sent("x-in"), answer.header("x-out")),
        (Some("1"), Some("1"))
    );
    let mut retired = world.gateway.retirements();
    within(retired.wait_for(|retired| *retired == 1))
        .await
        .unwrap();
    assert!(old.is_retired());
    world.stop().await;
}

/// A filter whose file belongs to the test.
fn own(config: &str) -> [String; 2] {
    [
        format!("[filters.own]\ncomponent = 'own.wasm'\ntime-ms = 60000\nconfig = '{config}'\n"),
        route("/", "'own'", ""),
    ]
}

/// Replaces that file by a guest, atomically.
fn replace_own(world: &World, guest: &str) {
    let new = world.folder().join("own.new");
    std::fs::copy(guest_file(guest), &new).unwrap();
    std::fs::rename(new, world.folder().join("own.wasm")).unwrap();
}

async fn reached(world: &World, n: u64) {
    let mut generations = world.gateway.generations();
    let reached = generations.wait_for(|generation| *generation >= n);
    within(reached).await.unwrap();
}

#[tokio::test]
async fn a_changed_file_or_component_is_noticed_once() {
    let world = World::start(&version(1)).await;
    replace_own(&world, "http-hostile");
    // The file changes before the watch begins.
    world.write(&own(""));
    let watch = tokio::spawn(world.gateway.clone().watch(Duration::from_millis(1)));
    reached(&world, 2).await;
    assert_eq!(world.get("/?wrong=refuse").await.status, 418);
    replace_own(&world, "http-rewrite");
    reached(&world, 3).await;
    assert_eq!(world.get("/?wrong=refuse").await.status, 200);
    world.write(&version(2));
    reached(&world, 4).await;
    assert_eq!(world.get("/").await.header("x-out"), Some("2"));
    assert_eq!(world.gateway.site().generation, 4);
    watch.abort();
    world.stop().await;
}

/// A file that was to be read is watched even if it did not exist.
#[tokio::test]
async fn what_failed_is_tried_again_when_it_changes() {
    let world = World::start(&version(1)).await;
    world.write(&own(""));
    world.gateway.reload().await.unwrap_err();
    let failed = || world.gateway.runtime().statistics().failed;
    let before = failed();
    let watch = tokio::spawn(world.gateway.clone().watch(Duration::from_millis(1)));
    // Wait until the watch has tried it too.
    within(async {
        while failed() == before {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(world.gateway.site().generation, 1);
    replace_own(&world, "http-hostile");
    reached(&world, 2).await;
    assert_eq!(world.get("/?wrong=refuse").await.status, 418);
    watch.abort();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_filters_are_told_and_ended_even_if_they_spin() {
    for config in ["spin@shutdown", "trap@shutdown", "memory@shutdown", ""] {
        let config = format!("time-ms = 300\nconfig = '{config}'");
        let tables = [filter("http-hostile", &config), route("/", "'hostile'", "")];
        let world = World::start(&tables).await;
        let request = Request::get(world.uri("/")).body(empty()).unwrap();
        assert_eq!(world.send(request).await.status, 200);
        let old = world.gateway.site();
        world.write(&version(1));
        world.gateway.reload().await.unwrap();
        let mut retired = world.gateway.retirements();
        within(retired.wait_for(|retired| *retired == 1))
            .await
            .unwrap();
        // A spinning instance ends when its time is used up, which may be later.
        let hostile = old.filter("hostile").unwrap();
        within(async {
            while hostile.status().leaving > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        world.stop().await;
    }
}

/// A shutdown waits for a site that is being built, or the site would serve afterwards.
#[tokio::test]
async fn a_shutdown_while_a_site_is_built_ends_that_too() {
    let world = World::start(&version(1)).await;
    world.write(&version(2));
    let gateway = &world.gateway;
    // The reload holds its turn when the shutdown begins: on one thread nothing that it
    // waits for can complete before it waits.
    let reload = gateway.reload();
    let mut retired = gateway.retirements();
    let both = async { tokio::join!(biased; reload, gateway.shutdown()) };
    let (reloaded, ()) = within(both).await;
    assert_eq!(reloaded.unwrap(), 2);
    let last = gateway.site();
    assert_eq!((last.generation, last.is_retired()), (2, true));
    assert_eq!(world.get("/").await.status, 503);
    let all = retired.wait_for(|retired| *retired == 2);
    within(all).await.unwrap();
    assert!(matches!(
        gateway.reload().await.unwrap_err(),
        GatewayError::Closed
    ));
    world.stop().await;
}
