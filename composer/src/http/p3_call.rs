//! Calls of a handler in version 0.3: `wasi:http/handler`.

use std::error::Error as StdError;
use std::sync::{LazyLock, Mutex};

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{Request, Response, header};
use http_body::Body;
use http_body_util::BodyExt;
use wasmtime::component::ResourceTable;
use wasmtime::{Engine, Store};
use wasmtime_wasi_http::p3::{Request as WasiRequest, Response as WasiResponse};
use wasmtime_wasi_http::{
    Error as WasiError, FieldMap, WasiBody, WasiHttpCtxView, WasiHttpView, default_hooks,
};

use crate::boundary::resources::ResourceHandle;
use crate::composition::Value;
use crate::http::service::LentHandler;
use crate::http::{HttpContext, HttpError, HttpHosts, ResponseBody};
use crate::sync::lock;

/// Answers one request.
pub(super) async fn handle<B>(
    lent: LentHandler,
    scheme: &Scheme,
    request: Request<B>,
) -> Result<Response<ResponseBody>, HttpError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let request = incoming(scheme, request)?;
    let component = lent.component();
    let args = [Value::Own(ResourceHandle::of_value(request))];
    match lent.call(args).await? {
        Some(Value::Result(Ok(Some(response)))) => {
            let Value::Own(response) = *response else {
                return Err(HttpError::NoResponse { component });
            };
            let response = response.into_host::<WasiResponse>();
            let response = response.map_err(|_| HttpError::NoResponse { component })?;
            Ok(outgoing(response)?.map(|body| ResponseBody::of_p3(body, lent)))
        }
        Some(Value::Result(Err(Some(code)))) => Err(HttpError::Answer {
            component,
            code: code.to_string(),
        }),
        _ => Err(HttpError::NoResponse { component }),
    }
}

/// The request as components know it.
fn incoming<B>(scheme: &Scheme, request: Request<B>) -> Result<WasiRequest, HttpError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let refused = |reason: &str| HttpError::Request {
        reason: reason.to_owned(),
    };
    let (parts, body) = request.into_parts();
    let authority = match (parts.uri.authority(), parts.headers.get(header::HOST)) {
        (Some(authority), _) => authority.clone(),
        (None, Some(host)) => Authority::try_from(host.as_bytes())
            .map_err(|_| refused("its header `host` is no authority"))?,
        (None, None) => return Err(refused("it has neither an authority nor a header `host`")),
    };
    let failed = |error: B::Error| WasiError::InternalError(Some(error.into().to_string()));
    let (request, _) = WasiRequest::new(
        parts.method,
        Some(scheme.clone()),
        Some(authority),
        parts.uri.path_and_query().cloned(),
        FieldMap::new_immutable(default_hooks(), parts.headers),
        None,
        body.map_err(failed),
    );
    Ok(request)
}

/// The answer as servers know it. No component owns it by now, so its body is no stream of
/// a store; the conversion wants a store all the same.
fn outgoing(response: WasiResponse) -> Result<Response<WasiBody>, HttpError> {
    static STORE: LazyLock<Mutex<Store<NoComponent>>> = LazyLock::new(|| {
        let data = NoComponent {
            http: HttpContext::new(HttpHosts::none()),
            table: ResourceTable::new(),
        };
        Mutex::new(Store::new(&Engine::default(), data))
    });
    let response = response.into_http(&mut *lock(&STORE), async { Ok(()) });
    response.map_err(|error| HttpError::Body {
        reason: format!("{error:#}"),
    })
}

/// The data of a store in which no component runs.
struct NoComponent {
    http: HttpContext,
    table: ResourceTable,
}

impl WasiHttpView for NoComponent {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.http.view(&mut self.table)
    }
}
