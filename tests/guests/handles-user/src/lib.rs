//! Uses files and streams of WASI that another component hands out.

use std::cell::RefCell;

use exports::test::handles::uses::Guest;
use test::handles::files;
use wasi::io::streams::{InputStream, StreamError};
use wasi::sockets::instance_network::instance_network;
use wasi::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress};
use wasi::sockets::tcp::TcpSocket;
use wasi::sockets::tcp_create_socket::create_tcp_socket;

wit_bindgen::generate!({
    path: "../../wit/wasi-handles",
    world: "test:handles/user-guest",
    generate_all,
});

thread_local! {
    static LISTENS: RefCell<Option<TcpSocket>> = const { RefCell::new(None) };
}

struct Uses;

impl Guest for Uses {
    fn all(path: String) -> Result<Vec<u8>, String> {
        rest(&files::read(&path)?)
    }

    fn in_turns(path: String, bytes: u64) -> Result<Vec<u8>, String> {
        let stream = files::read(&path)?;
        let mut all = stream.blocking_read(bytes).map_err(said)?;
        all.extend(files::take(&stream, bytes));
        all.extend(files::take(&stream, bytes));
        all.extend(rest(&stream)?);
        Ok(all)
    }

    fn file(path: String, start: u64) -> Result<(u64, u64, Vec<u8>), String> {
        let file = files::open(&path)?;
        let own = file.stat().map_err(said)?.size;
        let theirs = files::size(&file)?;
        let stream = file.read_via_stream(start).map_err(said)?;
        Ok((own, theirs, rest(&stream)?))
    }

    fn print(text: String) -> Result<(), String> {
        let output = files::output();
        output
            .blocking_write_and_flush(text.as_bytes())
            .map_err(said)?;
        files::print(&output, &text)?;
        output
            .blocking_write_and_flush(text.as_bytes())
            .map_err(said)
    }

    fn boomerang(path: String) -> Result<u64, String> {
        Ok(files::drain(files::read(&path)?))
    }

    fn watched(path: String) -> Result<Vec<u8>, String> {
        rest(&files::read_watched(&path)?)
    }

    fn names() -> Result<Vec<String>, String> {
        let entries = files::names()?;
        let mut names = Vec::new();
        while let Some(entry) = entries.read_directory_entry().map_err(said)? {
            names.push(entry.name);
        }
        Ok(names)
    }

    fn bind() -> Result<(), String> {
        let socket = create_tcp_socket(IpAddressFamily::Ipv4).map_err(said)?;
        let address = IpSocketAddress::Ipv4(Ipv4SocketAddress {
            port: 0,
            address: (127, 0, 0, 1),
        });
        let network = instance_network();
        socket.start_bind(&network, address).map_err(said)?;
        socket.finish_bind().map_err(said)
    }

    fn listen() -> Result<u16, String> {
        let socket = files::bind()?;
        socket.start_listen().map_err(said)?;
        socket.finish_listen().map_err(said)?;
        let port = match socket.local_address().map_err(said)? {
            IpSocketAddress::Ipv4(address) => address.port,
            IpSocketAddress::Ipv6(address) => address.port,
        };
        LISTENS.set(Some(socket));
        Ok(port)
    }

    fn hear() -> Result<Vec<u8>, String> {
        LISTENS.with_borrow(|socket| {
            let socket = socket.as_ref().ok_or("nobody listens")?;
            loop {
                match socket.accept() {
                    Ok((_client, input, _output)) => return rest(&input),
                    Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
                    Err(error) => return Err(said(error)),
                }
            }
        })
    }
}

fn rest(stream: &InputStream) -> Result<Vec<u8>, String> {
    let mut all = Vec::new();
    loop {
        match stream.blocking_read(1 << 16) {
            Ok(bytes) => all.extend(bytes),
            Err(StreamError::Closed) => return Ok(all),
            Err(error) => return Err(said(error)),
        }
    }
}

fn said(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

export!(Uses);
