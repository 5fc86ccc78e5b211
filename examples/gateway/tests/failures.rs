//! Filters that fail: the client's response, and that nothing else is affected.

use http_body_util::BodyExt;
use hyper::Request;

use crate::support::{World, empty, filter, route, within};

/// A short limit, so that a spinning call ends soon. It counts processor time, of which a
/// call that is to succeed needs little, however busy the machine is.
const HOSTILE: &str = "instances = 4\ntime-ms = 300\nrestarts-per-second = 1000";

async fn world(more: &str) -> World {
    World::start(&[
        filter("http-hostile", HOSTILE),
        filter("http-allow", "config = 'path /'"),
        route("/", "'allow'", ""),
        route("/hostile", "'hostile'", more),
    ])
    .await
}

/// All ways to end or spoil an instance when it sees a request's head.
const WRONG: [&str; 8] = [
    "spin", "trap", "memory", "status", "header", "line", "location", "many",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_route_answers_for_a_filter_that_fails() {
    let world = world("").await;
    for (n, wrong) in WRONG.into_iter().chain(["huge"]).enumerate() {
        let answer = world.get(&format!("/hostile?wrong={wrong}")).await;
        answer.is(503, "the filter `hostile` failed\n");
        assert_eq!(world.failed("hostile"), n as u64 + 1, "{wrong}");
        // A new instance answers now, and has seen one request.
        let answer = world.get("/hostile?wrong=count").await;
        answer.is(200, "1");
        assert_eq!(world.get("/").await.status, 200);
    }
    assert_eq!(world.failed("allow"), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_route_goes_on_without_it() {
    let world = world("on-failure = 'open'").await;
    for wrong in WRONG {
        let answer = world.get(&format!("/hostile?wrong={wrong}")).await;
        assert_eq!(answer.status, 200, "{wrong}");
        assert_eq!(answer.headers.get_all("x-lines").iter().count(), 0);
        assert!(answer.body.starts_with("GET /hostile"), "{}", answer.body);
    }
    for phase in ["request-body", "response-headers", "response-body"] {
        for wrong in ["spin", "trap", "memory"] {
            let answer = world
                .post(&format!("/hostile?wrong={wrong}@{phase}"), "all of it")
                .await;
            assert_eq!(answer.echo(), "all of it", "{wrong} in {phase}");
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn later_phases_of_a_closed_route() {
    let world = world("").await;
    for wrong in ["spin", "trap", "memory", "huge"] {
        // The response is cut off if the upstream begins to answer before it has the
        // body.
        let status = answer_or_cut(&world, wrong, "request-body").await;
        assert!(matches!(status, None | Some(503)), "{wrong}: {status:?}");
    }
    for wrong in ["spin", "trap", "memory", "status", "line", "many", "huge"] {
        let answer = world
            .get(&format!("/hostile?wrong={wrong}@response-headers"))
            .await;
        answer.is(503, "the filter `hostile` failed\n");
    }
    for wrong in ["spin", "trap", "memory", "huge"] {
        assert_eq!(
            answer_or_cut(&world, wrong, "response-body").await,
            None,
            "{wrong}"
        );
    }
    world.get("/hostile?wrong=count").await.is(200, "1");
    world.stop().await;
}

/// The status of a complete response. A response can be cut off even before its head is
/// sent.
async fn answer_or_cut(world: &World, wrong: &str, phase: &str) -> Option<u16> {
    let uri = world.uri(&format!("/hostile?wrong={wrong}@{phase}"));
    let body = http_body_util::Full::new("x".into()).boxed_unsync();
    let request = Request::post(uri).body(body).unwrap();
    let response = within(world.client.request(request)).await.ok()?;
    let status = response.status().as_u16();
    within(response.into_body().collect())
        .await
        .ok()
        .map(|_| status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_that_fails_too_often_rests() {
    let few = "restarts-per-second = 1";
    let world = World::start(&[filter("http-hostile", few), route("/", "'hostile'", "")]).await;
    let mut bodies = Vec::new();
    // Failures take a moment, during which an earlier one may leave the window.
    while bodies
        .last()
        .is_none_or(|body: &String| !body.contains("rests"))
    {
        bodies.push(world.get("/?wrong=trap").await.body);
    }
    assert_eq!(bodies[0], "the filter `hostile` failed\n");
    assert_eq!(
        bodies.last().unwrap(),
        "the filter `hostile` rests after failures\n"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_whose_instances_are_all_taken_is_busy() {
    let one = "instances = 1\nwait-ms = 0\nconfig = ''";
    let world = World::start(&[filter("http-hostile", one), route("/", "'hostile'", "")]).await;
    // An exchange that continues for as long as the upstream is silent.
    let request = Request::get(world.uri("/silent?wrong=none@response-body"));
    let held = tokio::spawn(world.client.request(request.body(empty()).unwrap()));
    while world.upstream.seen() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.busy("hostile"), 1);
    world
        .get("/")
        .await
        .is(503, "the filter `hostile` is busy\n");
    // The client leaves, and the instance is free again.
    held.abort();
    let _ = held.await;
    while world.busy("hostile") > 0 {
        tokio::task::yield_now().await;
    }
    world.get("/?wrong=count").await.is(200, "2");
    assert_eq!(world.failed("hostile"), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_frees_its_instance() {
    let one = "instances = 1\ntime-ms = 300";
    let world = World::start(&[filter("http-hostile", one), route("/", "'hostile'", "")]).await;
    for wrong in ["spin", "none"] {
        let request = Request::get(world.uri(&format!("/silent?wrong={wrong}")));
        let held = tokio::spawn(world.client.request(request.body(empty()).unwrap()));
        while world.busy("hostile") == 0 && world.upstream.seen() == 0 {
            tokio::task::yield_now().await;
        }
        held.abort();
        let _ = held.await;
        // The instance is free as soon as its call has ended, in success or failure.
        assert_eq!(world.get("/?wrong=count").await.status, 200);
    }
    world.stop().await;
}
