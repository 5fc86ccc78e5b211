//! What the stores of a part have for HTTP, and the servers that it may ask.

use std::sync::Arc;

use http::uri::{Authority, Scheme, Uri};
use http_body_util::BodyExt;
use wasmtime::component::ResourceTable;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    default_send_request,
};

/// The servers to which a component may send HTTP requests: none at first.
///
/// A server is a name or an address, with a port or without. Without a port it is the one
/// that the request's scheme has: 80 for HTTP, and 443 for HTTPS. Names are compared as
/// they stand in the request, not by their addresses. Redirections are left to the
/// component, whose next request is compared again.
///
/// ```
/// use composer::http::HttpHosts;
///
/// let hosts = HttpHosts::none().with("api.example.com").with("127.0.0.1:8080");
/// assert!(hosts.allows(&"https://API.example.com/v1".parse().unwrap()));
/// assert!(hosts.allows(&"http://127.0.0.1:8080/".parse().unwrap()));
/// assert!(!hosts.allows(&"http://127.0.0.1/".parse().unwrap()));
/// assert!(!hosts.allows(&"https://api.example.com:8443/".parse().unwrap()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct HttpHosts {
    all: bool,
    hosts: Arc<Vec<String>>,
}

impl HttpHosts {
    /// No server.
    pub fn none() -> Self {
        HttpHosts::default()
    }

    /// Every server that the program itself can reach.
    pub fn all() -> Self {
        HttpHosts {
            all: true,
            hosts: Arc::default(),
        }
    }

    /// Adds a server.
    #[must_use]
    pub fn with(mut self, host: impl Into<String>) -> Self {
        let host = host.into().to_ascii_lowercase();
        Arc::make_mut(&mut self.hosts).push(host);
        self
    }

    /// Whether a request may be sent to this URI.
    pub fn allows(&self, uri: &Uri) -> bool {
        self.all || uri.authority().is_some_and(|to| self.has(to, uri.scheme()))
    }

    fn has(&self, to: &Authority, scheme: Option<&Scheme>) -> bool {
        let name = to.host().to_ascii_lowercase();
        let usual = match scheme {
            Some(scheme) if *scheme == Scheme::HTTPS => 443,
            _ => 80,
        };
        let port = to.port_u16().unwrap_or(usual);
        let with_port = format!("{name}:{port}");
        let mut hosts = self.hosts.iter();
        hosts.any(|host| *host == with_port || (port == usual && *host == name))
    }
}

/// The state of HTTP in one store.
pub(crate) struct HttpContext {
    ctx: WasiHttpCtx,
    hooks: GrantedHosts,
}

impl HttpContext {
    pub(crate) fn new(hosts: HttpHosts) -> Self {
        HttpContext {
            ctx: WasiHttpCtx::new(),
            hooks: GrantedHosts(hosts),
        }
    }

    pub(crate) fn view<'v>(&'v mut self, table: &'v mut ResourceTable) -> WasiHttpCtxView<'v> {
        WasiHttpCtxView {
            ctx: &mut self.ctx,
            table,
            hooks: &mut self.hooks,
        }
    }
}

/// Sends requests to granted servers, and no others.
struct GrantedHosts(HttpHosts);

/// What happens to a connection when its request has been sent.
type Transmission = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// A body that another server sends.
fn received<B>(body: B) -> WasiBody
where
    B: http_body::Body<Data = bytes::Bytes, Error = Error> + Send + 'static,
{
    let body = body.boxed_unsync();
    #[cfg(feature = "wasi-p3")]
    let body = crate::http::p3_bodies::from_outside(body);
    body
}

/// The most that is on its way of a body which a component writes, in bytes.
#[cfg(feature = "wasi-p3")]
const BODY_CHUNK: usize = 64 << 10;

impl WasiHttpHooks for GrantedHosts {
    #[cfg(feature = "wasi-p3")]
    fn p3_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_CHUNK
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _received: Transmission,
    ) -> Box<dyn Future<Output = Result<(http::Response<WasiBody>, Transmission), Error>> + Send>
    {
        let allowed = self.0.allows(request.uri());
        Box::new(async move {
            if !allowed {
                return Err(Error::HttpRequestDenied);
            }
            let (response, transmission) = default_send_request(request, options).await?;
            let transmission: Transmission = Box::new(transmission);
            Ok((response.map(received), transmission))
        })
    }
}
