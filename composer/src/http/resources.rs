//! The resources of `wasi:http` that can go from one store to another.

use wasmtime_wasi_http::p2::body::{HostFutureTrailers, HostIncomingBody, HostOutgoingBody};
use wasmtime_wasi_http::p2::types::{
    HostFutureIncomingResponse, HostIncomingRequest, HostIncomingResponse, HostOutgoingRequest,
    HostOutgoingResponse, HostResponseOutparam,
};
#[cfg(feature = "wasi-p3")]
use wasmtime_wasi_http::p3::MaybeMutable;
use wasmtime_wasi_http::{FieldMap, RequestOptions};

use crate::boundary::resources::host_table::{Lending, TablePlace, ValueTable};
use crate::boundary::resources::host_types::HostTypes;
#[cfg(feature = "wasi-p3")]
use crate::http::p3_bodies::{detach_request, detach_response};
use crate::wasi::State;

/// Adds them to the types whose values can leave a part's stores.
pub(crate) fn add_host_types(types: &mut HostTypes<State>) {
    fn add<R: Send + 'static>(types: &mut HostTypes<State>, lending: Lending<R>) {
        types.add(ValueTable::new(TablePlace::Data(State::table), lending));
    }
    add::<FieldMap>(types, Lending::clones());
    add::<RequestOptions>(types, Lending::clones());
    add::<HostIncomingRequest>(types, Lending::Extract);
    add::<HostOutgoingRequest>(types, Lending::Extract);
    add::<HostIncomingResponse>(types, Lending::Extract);
    add::<HostOutgoingResponse>(types, Lending::Extract);
    add::<HostIncomingBody>(types, Lending::Extract);
    add::<HostOutgoingBody>(types, Lending::Extract);
    add::<HostFutureTrailers>(types, Lending::Extract);
    add::<HostFutureIncomingResponse>(types, Lending::Extract);
    add::<HostResponseOutparam>(types, Lending::Extract);
    #[cfg(feature = "wasi-p3")]
    {
        add::<MaybeMutable<RequestOptions>>(types, Lending::Extract);
        let place = || TablePlace::Data(State::table);
        let requests = ValueTable::new(place(), Lending::Extract);
        types.add(requests.detached_by(detach_request));
        let responses = ValueTable::new(place(), Lending::Extract);
        types.add(responses.detached_by(detach_response));
    }
}
