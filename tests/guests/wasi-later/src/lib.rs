//! Tries what WASI 0.3 offers.

use exports::test::wasi::later::Guest;
use test::text::transform;
use wasip3::clocks::monotonic_clock;
use wasip3::sockets::types::{IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, UdpSocket};
use wasip3::wit_bindgen;

wit_bindgen::generate!({
    path: ["../../wit/text", "../../wit/wasi"],
    world: "test:wasi/later-guest",
    generate_all,
    runtime_path: "wasip3::wit_bindgen::rt",
});

const MILLISECOND: u64 = 1_000_000;

struct Later;

impl Guest for Later {
    fn variables() -> Vec<(String, String)> {
        wasip3::cli::environment::get_environment()
    }

    async fn wait(ms: u32) -> u64 {
        let start = monotonic_clock::now();
        monotonic_clock::wait_for(u64::from(ms) * MILLISECOND).await;
        (monotonic_clock::now() - start) / MILLISECOND
    }

    fn random() -> u64 {
        wasip3::random::random::get_random_u64()
    }

    async fn print(text: String) -> Result<(), String> {
        let line = format!("{}\n", transform::apply(&text));
        let (mut out, data) = wasip3::wit_stream::new();
        let done = wasip3::cli::stdout::write_via_stream(data);
        out.write_all(line.into_bytes()).await;
        drop(out);
        done.await.map_err(|code| format!("{code:?}"))
    }

    fn bind() -> Result<(), String> {
        let address = IpSocketAddress::Ipv4(Ipv4SocketAddress {
            port: 0,
            address: (127, 0, 0, 1),
        });
        let socket = UdpSocket::create(IpAddressFamily::Ipv4).map_err(|code| code.to_string())?;
        socket.bind(address).map_err(|code| code.to_string())
    }
}

export!(Later);
