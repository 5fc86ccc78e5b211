//! Bodies on their way through filters.

use futures::future::join_all;
use futures::stream::unfold;
use http_body_util::{BodyExt, StreamBody};
use hyper::Request;
use hyper::body::{Bytes, Frame};
use tokio::sync::mpsc;

use crate::support::{World, filter, route, within};

const REPLACE: &str = "config = '''request replace apple pear\nresponse replace pear melon'''";

fn limits(buffer: usize) -> String {
    format!("[limits]\nbuffer-bytes = {buffer}\n")
}

/// Texts that begin in one piece and end in another are replaced too, so each exchange
/// has its own state.
#[tokio::test]
async fn a_body_is_changed_wherever_its_pieces_begin() {
    for buffer in [1, 3, 65_536] {
        let world = World::start(&[
            limits(buffer),
            filter("http-rewrite", REPLACE),
            route("/", "'rewrite'", ""),
        ])
        .await;
        let text = "an apple, appl, pear and a".to_owned() + &"apple".repeat(50);
        let asked = (0..8).map(|_| world.post("/", text.clone()));
        let expected = "an melon, appl, melon and a".to_owned() + &"melon".repeat(50);
        for answer in join_all(asked).await {
            assert_eq!(answer.echo(), expected, "a buffer of {buffer}");
            assert_eq!(answer.sent("content-length"), None);
        }
        world.stop().await;
    }
}

#[tokio::test]
async fn a_body_that_nobody_watches_keeps_its_length() {
    let world = World::start(&[
        filter("http-allow", "config = 'path /'"),
        route("/", "'allow'", ""),
    ])
    .await;
    let body = "x".repeat(1 << 20);
    let answer = world.post("/", body.clone()).await;
    assert_eq!(answer.echo(), body);
    assert_eq!(answer.sent("content-length"), Some("1048576"));
    assert!(answer.header("content-length").is_some());
    world.stop().await;
}

#[tokio::test]
async fn a_body_can_be_blocked_on_its_way() {
    let config = "config = 'request limit 100000'";
    let world = World::start(&[filter("http-rewrite", config), route("/", "'rewrite'", "")]).await;
    let fits = world.post("/", "x".repeat(100_000)).await;
    assert_eq!(fits.echo().len(), 100_000);
    // The upstream answers while the body arrives, so the outcome depends on when the
    // filter gets its turn. Either way nothing beyond the limit goes through.
    for path in ["/silent", "/"] {
        let request = Request::post(world.uri(path));
        let body = http_body_util::Full::new(Bytes::from("x".repeat(300_000)));
        let sent = within(
            world
                .client
                .request(request.body(body.boxed_unsync()).unwrap()),
        )
        .await;
        let Ok(response) = sent else { continue };
        match response.status().as_u16() {
            413 => {}
            200 => assert!(within(response.into_body().collect()).await.is_err()),
            other => panic!("{other}"),
        }
    }
    world.stop().await;
}

/// Pieces go through as they arrive: the first comes back before the second is sent.
#[tokio::test]
async fn a_body_is_streamed_both_ways() {
    let world = World::start(&[filter("http-rewrite", REPLACE), route("/", "'rewrite'", "")]).await;
    let (to, from) = mpsc::channel::<Bytes>(1);
    let body = StreamBody::new(unfold(from, async |mut from| {
        let piece = from.recv().await?;
        Some((Ok(Frame::data(piece)), from))
    }));
    let request = Request::post(world.uri("/"))
        .body(body.boxed_unsync())
        .unwrap();
    to.send(Bytes::from("one apple;")).await.unwrap();
    let response = within(world.client.request(request)).await.unwrap();
    let mut body = response.into_body();
    let mut seen = String::new();
    for text in ["one melon;", "two melon;", "three melon;"] {
        while !seen.ends_with(text) {
            let frame = within(body.frame()).await.unwrap().unwrap();
            seen += std::str::from_utf8(&frame.into_data().unwrap()).unwrap();
        }
        let next = match text {
            "one melon;" => "two apple;",
            "two melon;" => "three apple;",
            _ => break,
        };
        to.send(Bytes::from(next)).await.unwrap();
    }
    drop(to);
    assert!(within(body.frame()).await.is_none());
    world.stop().await;
}

/// A filter may end a body before it has read all of it, and the rest goes nowhere: the
/// request is complete although its client has not sent everything.
#[tokio::test]
async fn a_body_may_be_over_early() {
    let world = World::start(&[filter("http-hostile", ""), route("/", "'hostile'", "")]).await;
    let (to, from) = mpsc::channel::<Bytes>(1);
    let body = StreamBody::new(unfold(from, async |mut from| {
        let piece = from.recv().await?;
        Some((Ok(Frame::data(piece)), from))
    }));
    let request = Request::post(world.uri("/?wrong=early@request-bytes"));
    let request = request.body(body.boxed_unsync()).unwrap();
    to.send(Bytes::from("the first")).await.unwrap();
    let response = within(world.client.request(request)).await.unwrap();
    let answer = within(response.into_body().collect()).await.unwrap();
    let answer = answer.to_bytes();
    assert!(answer.ends_with(b"\n\nthe first"), "{answer:?}");
    drop(to);
    world.stop().await;
}

/// A body of many buffers, through two filters that write it anew.
#[tokio::test]
async fn a_long_body_comes_out_whole() {
    let back = "config = '''request replace pear apple\nresponse replace melon pear'''";
    let world = World::start(&[
        limits(4096),
        filter("http-rewrite", REPLACE),
        filter("http-rewrite", back).replace("[filters.rewrite]", "[filters.back]"),
        route("/", "'rewrite', 'back'", ""),
    ])
    .await;
    // Each change is taken back by the other filter.
    let text = "an apple and a melon; ".repeat(100_000);
    let answer = world.post("/", text.clone()).await;
    assert!(answer.echo() == text, "it was changed");
    world.stop().await;
}

#[tokio::test]
async fn a_response_that_is_cut_is_not_complete() {
    let world = World::start(&[filter("http-hostile", ""), route("/", "'hostile'", "")]).await;
    let request = Request::get(world.uri("/?wrong=refuse@response-body"));
    let request = request.body(crate::support::empty()).unwrap();
    let response = within(world.client.request(request)).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(within(response.into_body().collect()).await.is_err());
    world.stop().await;
}

#[tokio::test]
async fn there_may_be_no_body() {
    let world = World::start(&[filter("http-rewrite", REPLACE), route("/", "'rewrite'", "")]).await;
    world.get("/status/204").await.is(204, "");
    let request = Request::head(world.uri("/"))
        .body(crate::support::empty())
        .unwrap();
    world.send(request).await.is(200, "");
    assert_eq!(world.post("/", "").await.echo(), "");
    world.stop().await;
}
