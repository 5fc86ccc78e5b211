//! An HTTP gateway whose filters are WebAssembly components.
//!
//! A TOML file says which path goes to which upstream, and which filters stand
//! in its way. A filter is a component of the world
//! `composer:http-filter/http-filter` (`wit/http-filter`): it sees a request's
//! head, and if it wants more the body, the response's head and its body, and
//! allows, changes, blocks or redirects. Each instance of a filter has a store
//! of its own, with limits, and fails alone. When the file or a component
//! changes, new requests go through new filters, and those under way end with
//! the old ones.
//!
//! | module | its idea |
//! |---|---|
//! | [`config`] | what the file says |
//! | [`error`] | what can go wrong before a request comes |
//! | [`wit`] | the filters' world in Rust types |
//! | [`pool`] | the instances of one filter |
//! | [`fault`] | why a filter had no answer |
//! | [`verdict`] | a filter's answers, checked and put into HTTP |
//! | [`chain`] | the filters of a route, one after the other |
//! | [`site`] | everything that one state of the file makes |
//! | [`stamps`] | what tells that a file has changed |
//! | [`reload`] | the gateway: one site after the other |
//! | [`headers`] | what a proxy changes in heads by itself |
//! | [`body`] | bodies that go on, through filters or past them |
//! | [`proxy`] | a request's way |
//! | [`server`] | connections |
//! | [`upstream`] | a small upstream to try all this with |
//! | [`demo`] | a few requests that show it |

pub mod body;
pub mod chain;
pub mod config;
pub mod demo;
pub mod error;
pub mod fault;
pub mod headers;
pub mod pool;
pub mod proxy;
pub mod reload;
pub mod server;
pub mod site;
pub mod stamps;
pub mod upstream;
pub mod verdict;
pub mod wit;
