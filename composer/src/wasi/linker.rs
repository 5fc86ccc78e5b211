//! The functions and the resources of WASI.

use wasmtime::component::{Component, Linker};
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::cli::terminal_input::TerminalInput;
use wasmtime_wasi::p2::bindings::cli::terminal_output::TerminalOutput;
use wasmtime_wasi::p2::bindings::filesystem::types::DirectoryEntryStream;
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::ResolveAddressStream;
use wasmtime_wasi::p2::bindings::sockets::udp::{IncomingDatagramStream, OutgoingDatagramStream};
use wasmtime_wasi::p2::pipe::{ClosedInputStream, ClosedOutputStream};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, Network, TcpSocket, UdpSocket};

use crate::boundary::resources::host_table::{Lending, TablePlace, ValueTable};
use crate::boundary::resources::host_types::HostTypes;
use crate::error::PartError;
use crate::wasi::State;

/// A linker with the versions of WASI that a component imports.
pub(crate) fn linker(component: &Component, name: &str) -> Result<Linker<State>, PartError> {
    let failed = |version, error: wasmtime::Error| PartError::Wasi {
        component: name.to_owned(),
        version,
        reason: format!("{error:#}"),
    };
    let mut linker = Linker::new(component.engine());
    if imports(component, "@0.2.") {
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)
            .map_err(|error| failed("0.2", error))?;
    }
    #[cfg(feature = "http")]
    if imports_of(component, "wasi:http/", "@0.2.") {
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)
            .map_err(|error| failed("0.2", error))?;
    }
    #[cfg(feature = "wasi-config")]
    if imports_of(component, "wasi:config/", "@0.2.") {
        crate::wasi::config::define(&mut linker).map_err(|error| failed("0.2", error))?;
    }
    #[cfg(feature = "wasi-p3")]
    if imports(component, "@0.3.") {
        wasmtime_wasi::p3::add_to_linker(&mut linker).map_err(|error| failed("0.3", error))?;
    }
    #[cfg(all(feature = "http", feature = "wasi-p3"))]
    if imports_of(component, "wasi:http/", "@0.3.") {
        wasmtime_wasi_http::p3::add_to_linker(&mut linker).map_err(|error| failed("0.3", error))?;
    }
    Ok(linker)
}

/// The resources of WASI that can go from one store to another.
///
/// A `pollable` cannot: it names the entry of its own table that it waits for.
pub(crate) fn host_types() -> HostTypes<State> {
    fn add<R: Send + 'static>(types: &mut HostTypes<State>, lending: Lending<R>) {
        types.add(ValueTable::new(TablePlace::Data(State::table), lending));
    }
    let mut types = HostTypes::default();
    add::<DynInputStream>(&mut types, Lending::StandIn(|| Box::new(ClosedInputStream)));
    add::<DynOutputStream>(
        &mut types,
        Lending::StandIn(|| Box::new(ClosedOutputStream)),
    );
    add::<wasmtime::Error>(&mut types, Lending::Extract);
    add::<Descriptor>(&mut types, Lending::clones());
    add::<DirectoryEntryStream>(&mut types, Lending::Extract);
    add::<Network>(&mut types, Lending::Extract);
    add::<TcpSocket>(&mut types, Lending::Extract);
    add::<UdpSocket>(&mut types, Lending::Extract);
    add::<IncomingDatagramStream>(&mut types, Lending::Extract);
    add::<OutgoingDatagramStream>(&mut types, Lending::Extract);
    add::<ResolveAddressStream>(&mut types, Lending::Extract);
    add::<TerminalInput>(&mut types, Lending::Extract);
    add::<TerminalOutput>(&mut types, Lending::Extract);
    #[cfg(feature = "http")]
    crate::http::add_host_types(&mut types);
    types
}

/// Whether a component imports anything of WASI in this version.
pub(crate) fn imports(component: &Component, version: &str) -> bool {
    imports_of(component, "wasi:", version)
}

fn imports_of(component: &Component, package: &str, version: &str) -> bool {
    let ty = component.component_type();
    ty.imports(component.engine())
        .any(|(name, _)| name.starts_with(package) && name.contains(version))
}
