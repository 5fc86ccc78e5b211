//! The command, as a user calls it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use hyper::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::support::{Answer, SentBody, empty, text, within};

fn gateway(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateway"));
    command.args(args);
    command
}

#[test]
fn it_says_how_it_is_used() {
    for args in [&["--help"][..], &["help"], &[]] {
        let output = gateway(args).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        for part in [
            "Usage: gateway [FILE]",
            "gateway <COMMAND>",
            "demo  ",
            "gateway demo --listen 127.0.0.1:8080",
        ] {
            assert!(said.contains(part), "{args:?}: {said}");
        }
        assert_eq!(output.status.success(), !args.is_empty());
    }
    let output = gateway(&["demo", "--lisen", "127.0.0.1:1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("'--listen'"), "{said}");

    let output = gateway(&["missing.toml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("missing.toml"), "{said}");
}

/// What the README tries with `curl`.
#[tokio::test]
async fn the_demo_serves_one_request_for_each_filter() {
    let mut demo = gateway(&["demo", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(demo.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("serving at ").unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http::<SentBody>();
    let ask = async |target: &str, token: Option<&str>, body: SentBody| {
        let mut request = Request::post(format!("{address}{target}"));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = client.request(request.body(body).unwrap());
        Answer::of(within(response).await.unwrap()).await.unwrap()
    };
    let cellar = ask("/cellar", None, empty()).await;
    cellar.is(403, "not on the list: /cellar\n");
    assert_eq!(ask("/shop/old/hats", None, empty()).await.status, 308);
    let plans = ask("/shop/plans", None, text("my s3cret plan")).await;
    assert!(plans.body.contains("my ****** plan"), "{}", plans.body);
    assert_eq!(ask("/shop/orders", None, empty()).await.status, 401);
    assert_eq!(
        ask("/shop/orders", Some("s3cret"), empty()).await.status,
        200
    );
    let spins = ask("/hostile?wrong=spin", None, empty()).await;
    assert_eq!(spins.status, 503);
    demo.kill().unwrap();
    demo.wait().unwrap();
}
