//! Decisions of filters about the heads of requests and responses.

use hyper::Request;

use crate::support::{World, empty, filter, route};

#[tokio::test]
async fn what_is_on_the_list_passes_and_the_rest_is_blocked() {
    let world = World::start(&[
        filter("http-allow", "config = 'path /a'"),
        route("/", "'allow'", ""),
    ])
    .await;
    let passed = world.get("/a/b?c=d").await;
    assert_eq!(passed.status, 200);
    assert!(passed.body.starts_with("GET /a/b?c=d\n"), "{}", passed.body);

    let blocked = world.get("/ab").await;
    blocked.is(403, "not on the list: /ab\n");
    assert_eq!(
        blocked.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    world
        .get("/a/%2e%2e/b")
        .await
        .is(400, "not a plain path: /a/%2e%2e/b\n");
    assert_eq!(world.upstream.seen(), 1);
    world.stop().await;
}

#[tokio::test]
async fn a_redirect_says_where() {
    let config = "config = '''redirect 308 /old /new\nredirect 303 /form /done'''";
    let world = World::start(&[filter("http-rewrite", config), route("/", "'rewrite'", "")]).await;
    let moved = world.get("/old/hats?size=7").await;
    moved.is(308, "");
    assert_eq!(moved.header("location"), Some("/new/hats?size=7"));
    assert_eq!(world.post("/form", "x").await.status, 303);
    assert_eq!(world.get("/older").await.status, 200);
    assert_eq!(world.upstream.seen(), 1);
    world.stop().await;
}

#[tokio::test]
async fn headers_are_set_appended_and_removed_both_ways() {
    let config = "config = '''
        request set x-set two
        request append x-more 2
        request remove x-gone
        response set x-upstream other
        response append x-upstream more
        response remove content-length'''";
    let world = World::start(&[filter("http-rewrite", config), route("/", "'rewrite'", "")]).await;
    // A filter may not change `content-length`, so the response fails.
    world
        .get("/")
        .await
        .is(503, "the filter `rewrite` failed\n");

    let config = config.replace("response remove content-length", "response remove date");
    world.write(&[filter("http-rewrite", &config), route("/", "'rewrite'", "")]);
    world.gateway.reload().await.unwrap();
    let request = Request::get(world.uri("/"))
        .header("x-set", "one")
        .header("x-set", "one more")
        .header("x-more", "1")
        .header("x-gone", "gone");
    let answer = world.send(request.body(empty()).unwrap()).await;
    let sent = |name: &str| {
        let lines = answer.body.lines().filter(|line| line.starts_with(name));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(sent("x-set"), ["x-set: two"]);
    assert_eq!(sent("x-more"), ["x-more: 1", "x-more: 2"]);
    assert!(sent("x-gone").is_empty());
    let got = answer
        .headers
        .get_all("x-upstream")
        .iter()
        .collect::<Vec<_>>();
    assert_eq!(got, ["other", "more"]);
    world.stop().await;
}

#[tokio::test]
async fn a_token_is_checked_and_becomes_a_user() {
    let config = "config = '''token s3cret ada\ntoken an0ther bob'''";
    let world = World::start(&[filter("http-token", config), route("/", "'token'", "")]).await;
    let with = async |values: &[&str]| {
        let mut request = Request::get(world.uri("/")).header("x-user", "root");
        for value in values {
            request = request.header("authorization", *value);
        }
        world.send(request.body(empty()).unwrap()).await
    };
    for (token, user) in [("s3cret", "ada"), ("an0ther", "bob")] {
        let answer = with(&[&format!("Bearer {token}")]).await;
        assert_eq!(answer.sent("x-user"), Some(user));
        assert_eq!(answer.sent("authorization"), None);
    }
    let none = with(&[]).await;
    none.is(401, "one bearer token is needed\n");
    assert_eq!(none.header("www-authenticate"), Some("Bearer"));
    with(&["Bearer s3cret", "Bearer an0ther"])
        .await
        .is(401, "one bearer token is needed\n");
    with(&["Basic s3cret"])
        .await
        .is(401, "one bearer token is needed\n");
    with(&["Bearer s3cre"])
        .await
        .is(401, "this token is nobody's\n");
    with(&["Bearer s3crets"])
        .await
        .is(401, "this token is nobody's\n");
    assert_eq!(world.upstream.seen(), 2);
    world.stop().await;
}

#[tokio::test]
async fn filters_come_in_their_order_and_see_what_is_left() {
    let tables = |filters: &str| {
        [
            filter("http-token", "config = 'token s3cret ada'"),
            filter(
                "http-rewrite",
                "config = 'request set authorization Bearer s3cret'",
            ),
            route("/", filters, ""),
        ]
    };
    let world = World::start(&tables("'token', 'rewrite'")).await;
    assert_eq!(world.get("/").await.status, 401);
    world.write(&tables("'rewrite', 'token'"));
    world.gateway.reload().await.unwrap();
    let answer = world.get("/").await;
    assert_eq!(
        (answer.status.as_u16(), answer.sent("x-user")),
        (200, Some("ada"))
    );
    world.stop().await;
}

#[tokio::test]
async fn a_response_can_be_blocked() {
    let world = World::start(&[filter("http-hostile", ""), route("/", "'hostile'", "")]).await;
    let blocked = world.get("/?wrong=refuse@response-headers").await;
    blocked.is(418, "refused\n");
    assert_eq!(blocked.header("x-upstream"), None);
    assert_eq!(world.upstream.seen(), 1);
    world.stop().await;
}

#[tokio::test]
async fn the_longest_path_takes_a_request() {
    let tables = [
        filter("http-allow", "config = 'path /nowhere'"),
        route("/a", "", ""),
        route("/a/b", "'allow'", ""),
    ];
    let world = World::start(&tables).await;
    assert_eq!(world.get("/a").await.status, 200);
    assert_eq!(world.get("/a/bc").await.status, 200);
    assert_eq!(world.get("/a/b").await.status, 403);
    assert_eq!(world.get("/a/b/c").await.status, 403);
    world.get("/ab").await.is(404, "no route goes there\n");
    world.stop().await;
}
