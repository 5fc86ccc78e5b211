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
    for wrong in ["spin", "trap", "memory"] {
        let target = format!("/hostile?late&wrong={wrong}@request-body");
        let answer = world.post(&target, "all of it").await;
        assert_eq!(answer.echo(), "all of it", "{wrong}");
        for phase in ["response-headers", "response-body"] {
            let target = format!("/hostile?wrong={wrong}@{phase}");
            let answer = world.get(&target).await;
            assert!(answer.body.starts_with("GET /hostile"), "{answer:?}");
        }
    }
    // The gateway cannot know what a filter that has read of a body has kept.
    for wrong in ["spin", "trap", "memory"] {
        let status = answer_or_cut(&world, wrong, "response-bytes").await;
        assert_eq!(status, None, "{wrong}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn later_phases_of_a_closed_route() {
    let world = world("").await;
    let wrongs = ["spin", "trap", "memory"].into_iter();
    let both = wrongs.flat_map(|wrong| [(wrong, "request-body"), (wrong, "request-bytes")]);
    for (wrong, phase) in both.chain([("status", "request-body")]) {
        // The response is cut off if the upstream begins to answer before it has the
        // body.
        let status = answer_or_cut(&world, wrong, phase).await;
        let failed = matches!(status, None | Some(503));
        assert!(failed, "{wrong} in {phase}: {status:?}");
    }
    for wrong in ["spin", "trap", "memory", "status", "line", "many", "huge"] {
        let answer = world
            .get(&format!("/hostile?wrong={wrong}@response-headers"))
            .await;
        answer.is(503, "the filter `hostile` failed\n");
    }
    for phase in ["response-body", "response-bytes"] {
        for wrong in ["spin", "trap", "memory"] {
            let status = answer_or_cut(&world, wrong, phase).await;
            assert_eq!(status, None, "{wrong} in {phase}");
        }
    }
    world.get("/hostile?wrong=count").await.is(200, "1");
    world.stop().await;
}

/// A filter that does not go on with a body is found out, and the filters before and behind
/// it do not fail with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_that_does_nothing_with_a_body_is_given_up() {
    let other = "config = '''request replace apple pear\nresponse replace pear apple'''";
    let world = World::start(&[
        filter("http-hostile", "deadline-ms = 50"),
        filter("http-rewrite", other),
        route("/", "'rewrite', 'hostile'", ""),
        route("/reverse", "'hostile', 'rewrite'", ""),
    ])
    .await;
    let mut given_up = 0;
    for path in ["/", "/reverse"] {
        for wrong in ["stuck", "unsaid"] {
            for phase in ["request-bytes", "response-bytes"] {
                let status = answer_or_cut_at(&world, path, wrong, phase).await;
                assert!(matches!(status, None | Some(503)), "{wrong} in {phase}");
                given_up += 1;
                // It is given up when the exchange is over, a moment later.
                within(async {
                    while world.failed("hostile") < given_up {
                        tokio::task::yield_now().await;
                    }
                })
                .await;
                assert_eq!(world.failed("hostile"), given_up, "{wrong} in {phase}");
            }
        }
    }
    assert_eq!(world.failed("rewrite"), 0);
    world.get("/?wrong=count").await.is(200, "1");
    world.stop().await;
}

/// It writes for as long as its stream is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_that_writes_without_end_ends_with_its_reader() {
    let world = World::start(&[filter("http-hostile", ""), route("/", "'hostile'", "")]).await;
    let request = Request::get(world.uri("/?wrong=endless@response-bytes"));
    let response = within(world.client.request(request.body(empty()).unwrap())).await;
    let mut body = response.unwrap().into_body();
    let mut seen = 0;
    while seen < 4 << 20 {
        let frame = within(body.frame()).await.unwrap().unwrap();
        seen += frame.into_data().unwrap().len();
    }
    drop(body);
    while world.busy("hostile") > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.failed("hostile"), 0);
    world.get("/?wrong=count").await.is(200, "2");
    world.stop().await;
}

/// The status of a complete response. A response can be cut off even before its head is
/// sent.
async fn answer_or_cut(world: &World, wrong: &str, phase: &str) -> Option<u16> {
    answer_or_cut_at(world, "/hostile", wrong, phase).await
}

async fn answer_or_cut_at(world: &World, path: &str, wrong: &str, phase: &str) -> Option<u16> {
    let uri = world.uri(&format!("{path}?wrong={wrong}@{phase}"));
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
