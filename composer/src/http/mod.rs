//! Serving HTTP with components, and the requests that they send.
//!
//! A component that exports `wasi:http/incoming-handler` in version 0.2 answers HTTP
//! requests, and with the feature `wasi-p3` one that exports `wasi:http/handler` in version
//! 0.3. [`HttpService`] makes a service of hyper's and of tower's from a composition
//! with such an export, or from a pool of compositions:
//!
//! ```no_run
//! use composer::http::HttpService;
//! use composer::{ComposableDescriptor, Composer, Runtime};
//! # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = Runtime::new()?;
//! let hello = runtime.load_file("hello.wasm").await?;
//! let mut composer = Composer::new();
//! composer.add(ComposableDescriptor::new("hello", hello.part()));
//! let service = HttpService::new(&composer.compose().await?)?;
//! let response = service.handle(http::Request::get("http://localhost/").body(String::new())?).await?;
//! println!("{}", response.status());
//! # Ok(())
//! # }
//! ```
//!
//! A component that also imports the interface is a middleware. The next component in a
//! chain is chosen as for any import, by a hint where there are several. The requests, the
//! bodies and the answers are resources of the host, which
//! go from one store to the next with what they have received so far: a body is read
//! as it arrives, in the store of the component that has it.
//!
//! What a component sends to other servers is denied, unless it is
//! [granted](crate::runtime::Grants::with_http_to).

mod body;
mod context;
mod error;
mod p2_call;
#[cfg(feature = "wasi-p3")]
mod p3_bodies;
#[cfg(feature = "wasi-p3")]
mod p3_call;
mod resources;
mod service;

pub use body::ResponseBody;
pub(crate) use context::HttpContext;
pub use context::HttpHosts;
pub use error::HttpError;
pub(crate) use resources::add_host_types;
pub use service::HttpService;
