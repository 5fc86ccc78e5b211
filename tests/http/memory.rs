//! Nobody holds a body on its way through a chain.

use super::*;
use crate::support::alone::{alone, resident};

/// How much goes through, in pieces of 64 KiB.
const ALL: usize = 192 << 20;
const PIECE: usize = 64 << 10;
/// What the process may grow by meanwhile, in KiB.
const GROWTH: i64 = 24 << 10;

/// Sends a body through a chain and back, and reads what comes as slowly as it is sent.
async fn is_not_held(composition: &Composition) {
    let server = serve(HttpService::new(composition).unwrap()).await;
    let through = async |all: usize| {
        let (pieces, body) = pieces();
        let request = post("/echo").body(body).unwrap();
        let send = async move {
            let piece = Bytes::from(vec![5; PIECE]);
            for _ in 0..all / PIECE {
                pieces.send(Ok(Frame::data(piece.clone()))).await.unwrap();
            }
        };
        let receive = async {
            let mut client = connect(server).await;
            let mut body = client.send_request(request).await.unwrap().into_body();
            let (mut received, mut most) = (0, 0);
            while let Some(frame) = body.frame().await {
                received += frame.unwrap().into_data().unwrap().len();
                most = most.max(resident());
            }
            assert_eq!(received, all);
            most
        };
        tokio::join!(receive, send).0
    };
    // Buffers of all kinds find their size.
    through(16 << 20).await;
    let before = resident();
    let most = through(ALL).await;
    assert!(most - before < GROWTH, "{before} KiB, and then {most}");
}

#[test]
fn of_wasi_0_2() {
    alone("http::memory::of_wasi_0_2", async {
        let (gate, hello) = (loaded("http-gate").await, loaded("http-hello").await);
        let chain = chain(&[("outer", &gate), ("inner", &gate), ("hello", &hello)]);
        is_not_held(&chain.compose().await.unwrap()).await;
    });
}

#[test]
fn of_wasi_0_3() {
    alone("http::memory::of_wasi_0_3", async {
        is_not_held(&later::gates().await.compose().await.unwrap()).await;
    });
}
