//! Thousands of requests while a filter on another route fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use hyper::Request;

use crate::support::{World, empty, filter, route};

const CLIENTS: u64 = 64;
const REQUESTS: u64 = 50;

/// 3,200 requests of 64 clients, each of which must be answered correctly: by the token
/// check, the rewriter, or the allow-list.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_right_while_another_filter_is_hostile() {
    let world = World::start(&[
        filter("http-allow", "config = '''path /api\npath /open'''"),
        filter("http-token", "config = '''token one ada\ntoken two bob'''"),
        filter(
            "http-rewrite",
            "config = '''response replace secret ******\nredirect 307 /api/old /api/new'''",
        ),
        filter(
            "http-hostile",
            // The spinning attackers occupy two of them.
            "instances = 4\nwait-ms = 20\ntime-ms = 1000\nrestarts-per-second = 50",
        ),
        route("/", "'allow'", ""),
        route("/api", "'allow', 'token', 'rewrite'", ""),
        route("/hostile", "'hostile'", ""),
    ])
    .await;
    let world = Arc::new(world);
    let done = Arc::new(AtomicBool::new(false));
    let attacks = Arc::new(AtomicU64::new(0));
    let attackers: Vec<_> = [
        "spin",
        "trap",
        "memory",
        "line",
        "huge",
        "many",
        "spin@response-body",
    ]
    .into_iter()
    .map(|wrong| {
        let (world, done, attacks) = (world.clone(), done.clone(), attacks.clone());
        tokio::spawn(async move {
            let uri = world.uri(&format!("/hostile?wrong={wrong}"));
            while !done.load(Ordering::Acquire) {
                let request = Request::get(&uri).body(empty()).unwrap();
                let sent = world.client.request(request).await;
                // A response that fails in its body has begun, and may be cut off before
                // its head is sent.
                if sent.is_err() && wrong.contains('@') {
                    continue;
                }
                let status = sent.unwrap().status().as_u16();
                assert!(status == 503 || wrong.contains('@'), "{wrong}: {status}");
                attacks.fetch_add(1, Ordering::AcqRel);
            }
        })
    })
    .collect();
    while attacks.load(Ordering::Acquire) == 0 {
        tokio::task::yield_now().await;
    }
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let world = world.clone();
            tokio::spawn(async move {
                for n in 0..REQUESTS {
                    ask(&world, client, n).await;
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    done.store(true, Ordering::Release);
    for attacker in attackers {
        attacker.await.unwrap();
    }
    for name in ["allow", "token", "rewrite"] {
        assert_eq!(world.failed(name), 0, "{name}");
    }
    assert!(world.failed("hostile") > 0);
    Arc::into_inner(world).unwrap().stop().await;
}

async fn ask(world: &World, client: u64, n: u64) {
    let tag = format!("{client}-{n}");
    match n % 5 {
        0 => {
            let answer = world.get(&format!("/open/{tag}")).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert!(answer.body.starts_with(&format!("GET /open/{tag}\n")));
        }
        1 => world
            .get(&format!("/shut/{tag}"))
            .await
            .is(403, &format!("not on the list: /shut/{tag}\n")),
        2 => world
            .get(&format!("/api/{tag}"))
            .await
            .is(401, "one bearer token is needed\n"),
        3 => {
            let (token, user) =
                [("one", "ada"), ("two", "bob")][usize::from(client.is_multiple_of(2))];
            let request = Request::post(world.uri(&format!("/api/{tag}")))
                .header("authorization", format!("Bearer {token}"));
            let body = http_body_util::Full::new(format!("a secret of {tag}").into());
            let body = http_body_util::BodyExt::boxed_unsync(body);
            let answer = world.send(request.body(body).unwrap()).await;
            assert_eq!(answer.sent("x-user"), Some(user));
            assert_eq!(answer.echo(), format!("a ****** of {tag}"));
        }
        _ => {
            let request = Request::get(world.uri(&format!("/api/old/{tag}")))
                .header("authorization", "Bearer one");
            let answer = world.send(request.body(empty()).unwrap()).await;
            answer.is(307, "");
            assert_eq!(answer.header("location"), Some(&*format!("/api/new/{tag}")));
        }
    }
}

/// Sixteen times as many exchanges as there are instances, with the default limits of a
/// filter: each exchange is answered correctly or refused cleanly, no instance ends, and
/// once the clients are gone everything is served again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_can_be_served_is_refused_and_nothing_dies() {
    let rewrite = format!(
        "[filters.rewrite]\ncomponent = '{}'\ninstances = 4\nwait-ms = 0\n\
         config = 'response replace secret ******'\n",
        composer_gateway::demo::guest_file("http-rewrite").display(),
    );
    let world = Arc::new(World::start(&[rewrite, route("/", "'rewrite'", "")]).await);
    let clients = (0..CLIENTS).map(|client| {
        let world = world.clone();
        tokio::spawn(async move {
            let mut refused = 0;
            for n in 0..REQUESTS {
                refused += u64::from(!is_served(&world, &format!("{client}-{n}")).await);
            }
            refused
        })
    });
    let mut refused = 0;
    for client in clients.collect::<Vec<_>>() {
        refused += client.await.unwrap();
    }
    assert!(refused > 0, "it was to be more than can be served");
    assert!(refused < CLIENTS * REQUESTS, "none was served");
    for n in 0..20 {
        // A client may have its answer before the instance is returned.
        while world.busy("rewrite") > 0 {
            tokio::task::yield_now().await;
        }
        assert!(is_served(&world, &format!("later-{n}")).await);
    }
    assert_eq!(world.failed("rewrite"), 0);
    Arc::into_inner(world).unwrap().stop().await;
}

/// Whether an exchange was answered correctly; if not, it was refused.
async fn is_served(world: &World, tag: &str) -> bool {
    let answer = world.post("/", format!("a secret of {tag}")).await;
    if answer.status == 503 {
        assert_eq!(answer.body, "the filter `rewrite` is busy\n");
        return false;
    }
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.echo(), format!("a ****** of {tag}"));
    true
}
