//! `serve`, asked over sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use crate::support::{guest, wasm_composer};

/// Longer than anything takes.
const FOR_EVER: Duration = Duration::from_secs(300);

/// A running server, which is killed with the test.
struct Server {
    child: Child,
    address: SocketAddr,
    health: Option<SocketAddr>,
    /// What it says, which a thread reads: nobody who serves waits for readers.
    lines: Receiver<String>,
}

impl Server {
    fn start(app: &str, more: &[&str]) -> Server {
        let mut child = wasm_composer()
            .args(["serve", app, "--addr", "127.0.0.1:0"])
            .args(more)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in said.lines() {
                // A test that has ended wants no more of them.
                let _ = sender.send(line.unwrap());
            }
        });
        let mut server = Server {
            child,
            address: ([127, 0, 0, 1], 0).into(),
            health: None,
            lines,
        };
        server.address = server.address_in("serves at http://");
        if more.contains(&"--health") {
            server.health = Some(server.address_in("answers at http://"));
        }
        server
    }

    /// The address in the next line, which says what is served.
    fn address_in(&mut self, what: &str) -> SocketAddr {
        let line = self.line();
        let (_, address) = line.split_once(what).unwrap_or_else(|| panic!("{line:?}"));
        address.trim().trim_end_matches("/healthz").parse().unwrap()
    }

    fn line(&mut self) -> String {
        self.lines.recv_timeout(FOR_EVER).expect("it says nothing")
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args([signal, &pid]).status();
        assert!(status.unwrap().success());
    }

    fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    // Nothing here takes as long, so a test that fails does not hang.
    stream.set_read_timeout(Some(FOR_EVER)).unwrap();
    stream
}

/// Sends a request on a connection that stays open, and reads the whole answer.
fn ask(stream: &mut TcpStream, head: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let length = body.len();
    write!(
        stream,
        "{head} HTTP/1.1\r\nhost: test\r\nx-key: open sesame\r\n"
    )
    .unwrap();
    write!(stream, "content-length: {length}\r\n\r\n").unwrap();
    stream.write_all(body).unwrap();
    read_answer(&mut BufReader::new(stream))
}

fn read_answer(from: &mut impl BufRead) -> (u16, Vec<u8>) {
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).unwrap().parse().unwrap();
    let (mut length, mut chunked) = (0, false);
    loop {
        let mut header = String::new();
        from.read_line(&mut header).unwrap();
        let header = header.trim_end().to_ascii_lowercase();
        match header.split_once(": ") {
            None => break,
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("transfer-encoding", _)) => chunked = true,
            Some(_) => {}
        }
    }
    let mut body = Vec::new();
    if !chunked {
        body.resize(length, 0);
        from.read_exact(&mut body).unwrap();
        return (status, body);
    }
    loop {
        let mut size = String::new();
        from.read_line(&mut size).unwrap();
        let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        from.read_exact(&mut chunk).unwrap();
        if size == 0 {
            return (status, body);
        }
        body.extend_from_slice(&chunk[..size]);
    }
}

#[test]
fn a_service_behind_middlewares() {
    let mut server = Server::start("examples/service", &["--health", "127.0.0.1:0"]);
    let mut client = connect(server.address);
    // One connection, several requests, a body that streams through three components.
    let (status, body) = ask(&mut client, "GET /hello", b"");
    assert_eq!((status, &body[..]), (200, &b"hello, world"[..]));
    let sent = vec![b'x'; 1 << 20];
    let (status, body) = ask(&mut client, "POST /echo", &sent);
    assert_eq!((status, body.len()), (200, sent.len()));
    let (status, _) = {
        let mut stranger = connect(server.address);
        write!(stranger, "GET /hello HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
        read_answer(&mut BufReader::new(&mut stranger))
    };
    assert_eq!(status, 401);
    let mut health = TcpStream::connect(server.health.unwrap()).unwrap();
    let (status, body) = ask(&mut health, "GET /healthz", b"");
    let told: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, &told["serves"]), (200, &true.into()), "{told}");
    assert!(told["instances"]["started"].as_u64() >= Some(1), "{told}");
    assert_eq!(ask(&mut health, "GET /other", b"").0, 404);
    // What the components print and the access log are told line by line.
    let mut lines: Vec<String> = (0..6).map(|_| server.line()).collect();
    lines.sort();
    let all = lines.concat();
    assert!(all.contains("GET /hello 200"), "{all}");
    assert!(all.contains("POST /echo 200"), "{all}");
    assert!(all.contains("GET /hello 401"), "{all}");
    assert!(all.contains("component=\"log\""), "{all}");
    server.signal("-TERM");
    let status = server.wait();
    assert!(status.success(), "{status}");
}

/// A request in flight ends as it should although the server has been asked to end.
#[test]
fn the_end_is_graceful() {
    let server = Server::start("examples/service", &["--quiet"]);
    let mut client = connect(server.address);
    let body = vec![b'y'; 256 << 10];
    let (first, second) = body.split_at(body.len() / 2);
    write!(
        client,
        "POST /echo HTTP/1.1\r\nhost: test\r\nx-key: open sesame\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    client.write_all(first).unwrap();
    // The answer has begun, so the request is in the components.
    let mut begun = [0; 8];
    client.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1");
    server.signal("-TERM");
    // Once nobody accepts any more, the server knows of its end.
    while TcpStream::connect(server.address).is_ok() {
        std::thread::yield_now();
    }
    client.write_all(second).unwrap();
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).unwrap();
    let echoed = rest.iter().filter(|byte| **byte == b'y').count();
    assert!(echoed >= body.len(), "{echoed} of {} came back", body.len());
    let status = server.wait();
    assert!(status.success(), "{status}");
}

#[test]
fn an_address_in_use() {
    let server = Server::start("examples/service", &["--quiet"]);
    let other = wasm_composer()
        .args([
            "serve",
            "examples/service",
            "--addr",
            &server.address.to_string(),
        ])
        .output()
        .unwrap();
    assert_eq!(other.status.code(), Some(1));
    let said = String::from_utf8(other.stderr).unwrap();
    assert!(said.contains("cannot be used"), "{said}");
}

/// Many clients at once, some of whose requests end badly: no answer, or a trap in the middle
/// of one. All others get what they asked for, and the server does not grow.
#[test]
fn under_load_beside_requests_that_fail() {
    let server = Server::start("examples/service", &["--quiet", "--max", "8"]);
    let round = || {
        std::thread::scope(|scope| {
            for client in 0..8 {
                let address = server.address;
                scope.spawn(move || {
                    let mut stream = connect(address);
                    for request in 0..20 {
                        match (client + request) % 5 {
                            0 => bad(address, "/silent"),
                            1 => bad(address, "/cut"),
                            2 => {
                                let body = vec![b'z'; 100_000 + client];
                                let (status, echoed) = ask(&mut stream, "POST /echo", &body);
                                assert_eq!((status, echoed == body), (200, true));
                            }
                            _ => {
                                let (status, body) = ask(&mut stream, "GET /hello", b"");
                                assert_eq!((status, &body[..]), (200, &b"hello, world"[..]));
                            }
                        }
                    }
                });
            }
        });
    };
    round();
    let before = resident(&server);
    for _ in 0..3 {
        round();
    }
    // In KiB. What one round leaves behind would be there four times.
    let grown = resident(&server).saturating_sub(before);
    assert!(grown < 64 << 10, "{grown} KiB more");
    server.signal("-TERM");
    let status = server.wait();
    assert!(status.success(), "{status}");
}

/// Asks for what gets no whole answer.
fn bad(address: SocketAddr, path: &str) {
    let mut stream = connect(address);
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: test\r\nx-key: open sesame\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    // It may break off.
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer);
    assert!(!text.contains("hello, world"), "{text}");
}

/// How much memory the server has, in KiB.
fn resident(server: &Server) -> u64 {
    let status = format!("/proc/{}/status", server.child.id());
    let status = std::fs::read_to_string(status).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What no longer fits is refused, and what does is served.
#[test]
fn files_that_change() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["http-gate-c", "http-hello"] {
        std::fs::copy(guest(name), folder.path().join(name).with_extension("wasm")).unwrap();
    }
    let manifest = folder.path().join("compose.toml");
    let gated = "[components.gate]\npath = \"http-gate-c.wasm\"\n\
                 imports = { \"wasi:http/incoming-handler\" = \"hello\" }\n\
                 [components.hello]\npath = \"http-hello.wasm\"\n\
                 [exports]\n\"wasi:http/incoming-handler\" = \"gate\"\n";
    std::fs::write(&manifest, gated).unwrap();
    let app = folder.path().to_str().unwrap();
    let mut server = Server::start(app, &["--quiet", "--watch"]);
    let stranger = |server: &Server| {
        let mut stream = connect(server.address);
        write!(stream, "GET /hello HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
        read_answer(&mut BufReader::new(&mut stream)).0
    };
    assert_eq!(stranger(&server), 401);
    let until = |server: &mut Server, what: &str| {
        loop {
            if server.line().contains(what) {
                return;
            }
        }
    };

    // A mistake: the old one goes on.
    std::fs::write(&manifest, gated.replace("= \"gate\"", "= \"gat\"")).unwrap();
    until(&mut server, "the earlier version goes on");
    until(&mut server, "write `gate`");
    assert_eq!(stranger(&server), 401);

    // Another component, which has no handler.
    std::fs::write(&manifest, gated).unwrap();
    until(&mut server, "serves what has changed");
    std::fs::copy(guest("till"), folder.path().join("http-hello.wasm")).unwrap();
    until(&mut server, "the earlier version goes on");
    assert_eq!(stranger(&server), 401);
    std::fs::copy(guest("http-hello"), folder.path().join("http-hello.wasm")).unwrap();
    until(&mut server, "serves what has changed");

    // Without the gate, nobody needs a key.
    std::fs::write(&manifest, gated.replace("= \"gate\"", "= \"hello\"")).unwrap();
    until(&mut server, "serves what has changed");
    assert_eq!(stranger(&server), 200);
    server.signal("-TERM");
    let status = server.wait();
    assert!(status.success(), "{status}");
}

/// All connections are taken by clients that say nothing: the end comes all the same.
#[test]
fn the_end_beside_silent_clients() {
    let more = ["--quiet", "--connections", "1", "--grace", "100ms"];
    let server = Server::start("examples/service", &more);
    let silent = connect(server.address);
    server.signal("-TERM");
    let status = server.wait();
    assert!(status.success(), "{status}");
    drop(silent);
}

/// A request that waits for its turn is answered, although what it waits for is replaced.
#[test]
fn a_change_beside_a_request_that_waits() {
    let folder = tempfile::tempdir().unwrap();
    let hello = guest("http-hello");
    let file = folder.path().join("hello.wasm");
    std::fs::copy(&hello, &file).unwrap();
    let app = folder.path().to_str().unwrap();
    let mut server = Server::start(app, &["--quiet", "--watch", "--max", "1"]);
    let mut slow = connect(server.address);
    write!(
        slow,
        "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\n\r\nab"
    )
    .unwrap();
    let mut begun = [0; 8];
    slow.read_exact(&mut begun).unwrap();
    let mut waits = connect(server.address);
    write!(waits, "GET /hello HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
    // A custom section at the end: other bytes, the same component.
    let mut bytes = std::fs::read(&hello).unwrap();
    bytes.extend([0, 2, 1, b'x']);
    std::fs::write(&file, bytes).unwrap();
    while !server.line().contains("serves what has changed") {}
    let mut new = connect(server.address);
    write!(new, "GET /hello HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
    let (status, body) = read_answer(&mut BufReader::new(&mut new));
    assert_eq!((status, &body[..]), (200, &b"hello, world"[..]));
    slow.write_all(b"cd").unwrap();
    let (status, body) = read_answer(&mut BufReader::new(&mut waits));
    assert_eq!((status, &body[..]), (200, &b"hello, world"[..]));
    let mut rest = Vec::new();
    slow.shutdown(std::net::Shutdown::Write).unwrap();
    slow.read_to_end(&mut rest).unwrap();
    assert!(rest.windows(2).any(|two| two == b"cd"), "{rest:?}");
}

/// A file that is missing when the manifest names it is served once it is there.
#[test]
fn a_file_that_appears() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(guest("http-hello"), folder.path().join("hello.wasm")).unwrap();
    let manifest = folder.path().join("compose.toml");
    std::fs::write(&manifest, "[components.hello]\npath = \"hello.wasm\"\n").unwrap();
    let app = folder.path().to_str().unwrap();
    let mut server = Server::start(app, &["--quiet", "--watch"]);
    let gated = "[components.hello]\npath = \"hello.wasm\"\n\
                 [components.gate]\npath = \"gate.wasm\"\n\
                 imports = { \"wasi:http/incoming-handler\" = \"hello\" }\n\
                 [exports]\n\"wasi:http/incoming-handler\" = \"gate\"\n";
    std::fs::write(&manifest, gated).unwrap();
    while !server.line().contains("there is no file") {}
    std::fs::copy(guest("http-gate-c"), folder.path().join("gate.wasm")).unwrap();
    while !server.line().contains("serves what has changed") {}
    let mut stream = connect(server.address);
    write!(stream, "GET /hello HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
    assert_eq!(read_answer(&mut BufReader::new(&mut stream)).0, 401);
}

/// A handler of WASI 0.3.
#[test]
fn a_handler_of_wasi_0_3() {
    let server = Server::start("tests/guests/http-later/http-later.wasm", &["--quiet"]);
    let mut client = connect(server.address);
    let (status, body) = ask(&mut client, "GET /hello", b"");
    assert_eq!((status, &body[..]), (200, &b"hello, world"[..]));
    let sent = vec![b'x'; 1 << 20];
    let (status, body) = ask(&mut client, "POST /echo", &sent);
    assert_eq!((status, body.len()), (200, sent.len()));
}

/// HTTP/2 without an upgrade, as proxies speak it.
#[test]
fn http_2() {
    let server = Server::start("examples/service", &["--quiet"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (status, body) = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(server.address)
            .await
            .unwrap();
        let io = hyper_util::rt::TokioIo::new(stream);
        let executor = hyper_util::rt::TokioExecutor::new();
        let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io)
            .await
            .unwrap();
        tokio::spawn(connection);
        let request = hyper::Request::get("http://test/hello")
            .header("x-key", "open sesame")
            .body(http_body_util::Empty::<hyper::body::Bytes>::new())
            .unwrap();
        let response = sender.send_request(request).await.unwrap();
        let status = response.status().as_u16();
        let body = http_body_util::BodyExt::collect(response.into_body())
            .await
            .unwrap();
        (status, body.to_bytes())
    });
    assert_eq!((status, &body[..]), (200, &b"hello, world"[..]));
}
