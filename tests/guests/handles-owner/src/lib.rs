//! Hands out files and streams of WASI, and uses those that it is lent.

use exports::test::handles::files::Guest;
use wasi::cli::stdout;
use wasi::filesystem::preopens::get_directories;
use wasi::filesystem::types::{
    Descriptor, DescriptorFlags, DirectoryEntryStream, OpenFlags, PathFlags,
};
use wasi::io::streams::{InputStream, OutputStream, StreamError};
use wasi::sockets::instance_network::instance_network;
use wasi::sockets::network::{IpAddressFamily, IpSocketAddress, Ipv4SocketAddress};
use wasi::sockets::tcp::TcpSocket;
use wasi::sockets::tcp_create_socket::create_tcp_socket;

wit_bindgen::generate!({
    path: "../../wit/wasi-handles",
    world: "test:handles/owner-guest",
    generate_all,
});

struct Files;

impl Guest for Files {
    fn open(path: String) -> Result<Descriptor, String> {
        let mut folders = get_directories().into_iter();
        let (folder, _) = folders.next().ok_or("no folder is open")?;
        let flags = (
            PathFlags::empty(),
            OpenFlags::empty(),
            DescriptorFlags::READ,
        );
        folder
            .open_at(flags.0, &path, flags.1, flags.2)
            .map_err(said)
    }

    fn read(path: String) -> Result<InputStream, String> {
        Self::open(path)?.read_via_stream(0).map_err(said)
    }

    fn output() -> OutputStream {
        stdout::get_stdout()
    }

    fn take(from: &InputStream, bytes: u64) -> Vec<u8> {
        from.blocking_read(bytes).unwrap_or_default()
    }

    fn print(to: &OutputStream, text: String) -> Result<(), String> {
        to.blocking_write_and_flush(text.as_bytes()).map_err(said)
    }

    fn size(of: &Descriptor) -> Result<u64, String> {
        Ok(of.stat().map_err(said)?.size)
    }

    fn drain(from: InputStream) -> u64 {
        let mut bytes = 0;
        loop {
            match from.blocking_read(1 << 16) {
                Ok(some) => bytes += some.len() as u64,
                Err(StreamError::Closed) => return bytes,
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    fn read_watched(path: String) -> Result<InputStream, String> {
        let stream = Self::read(path)?;
        std::mem::forget(stream.subscribe());
        Ok(stream)
    }

    fn names() -> Result<DirectoryEntryStream, String> {
        let mut folders = get_directories().into_iter();
        let (folder, _) = folders.next().ok_or("no folder is open")?;
        folder.read_directory().map_err(said)
    }

    fn bind() -> Result<TcpSocket, String> {
        let socket = create_tcp_socket(IpAddressFamily::Ipv4).map_err(said)?;
        let address = IpSocketAddress::Ipv4(Ipv4SocketAddress {
            port: 0,
            address: (127, 0, 0, 1),
        });
        let network = instance_network();
        socket.start_bind(&network, address).map_err(said)?;
        socket.finish_bind().map_err(said)?;
        Ok(socket)
    }
}

fn said(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

export!(Files);
