//! Resources: each has one identity, wherever it goes.

mod churn;
mod compound;
mod dead;
mod destructors;
mod forged;
mod host;
mod lent;
mod limits;
mod nested;
mod refused;
mod threads;
mod travel;
mod turns;
mod used;
mod wrap;
