//! The resources of `wasi:http` that can go from one store to another.

use wasmtime::component::ResourceTable;
use wasmtime_wasi_http::p2::body::{HostFutureTrailers, HostIncomingBody, HostOutgoingBody};
use wasmtime_wasi_http::p2::types::{
    HostFutureIncomingResponse, HostIncomingRequest, HostIncomingResponse, HostOutgoingRequest,
    HostOutgoingResponse, HostResponseOutparam,
};
#[cfg(feature = "wasi-p3")]
use wasmtime_wasi_http::p3::MaybeMutable;
use wasmtime_wasi_http::{FieldMap, RequestOptions, WasiHttpView};

use crate::boundary::resources::host_table::{Lending, TablePlace, ValueTable};
use crate::boundary::resources::host_types::HostTypes;
#[cfg(feature = "wasi-p3")]
use crate::http::p3_bodies::{detach_request, detach_response};

/// Adds them to the types whose values can leave a part's stores.
pub(crate) fn add_host_types<T: WasiHttpView + 'static>(types: &mut HostTypes<T>) {
    fn table<T: WasiHttpView>(data: &mut T) -> &mut ResourceTable {
        data.http().table
    }
    fn add<T: WasiHttpView + 'static, R: Send + 'static>(
        types: &mut HostTypes<T>,
        lending: Lending<R>,
    ) {
        types.add(ValueTable::new(TablePlace::Data(table::<T>), lending));
    }
    add::<T, FieldMap>(types, Lending::clones());
    add::<T, RequestOptions>(types, Lending::clones());
    add::<T, HostIncomingRequest>(types, Lending::Extract);
    add::<T, HostOutgoingRequest>(types, Lending::Extract);
    add::<T, HostIncomingResponse>(types, Lending::Extract);
    add::<T, HostOutgoingResponse>(types, Lending::Extract);
    add::<T, HostIncomingBody>(types, Lending::Extract);
    add::<T, HostOutgoingBody>(types, Lending::Extract);
    add::<T, HostFutureTrailers>(types, Lending::Extract);
    add::<T, HostFutureIncomingResponse>(types, Lending::Extract);
    add::<T, HostResponseOutparam>(types, Lending::Extract);
    #[cfg(feature = "wasi-p3")]
    {
        add::<T, MaybeMutable<RequestOptions>>(types, Lending::Extract);
        let place = || TablePlace::Data(table::<T>);
        let requests = ValueTable::new(place(), Lending::Extract);
        types.add(requests.detached_by(detach_request));
        let responses = ValueTable::new(place(), Lending::Extract);
        types.add(responses.detached_by(detach_response));
    }
}
