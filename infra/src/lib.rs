//! Infrastructure as Rust: `cdk-manifest.json` in, a CloudFormation template
//! in a cloud assembly out. The same input gives the same bytes.
//!
//! From the outside in: [`run`] does what `cdk` asks for, [`solution`] puts the
//! stack together from one file for each flag ([`base`] always, [`jitr`],
//! [`events`], [`api`], [`ownerapp`], [`telemetry`], [`defender`]), what the region has to offer
//! ([`requirements`]), [`usage_data`] and what an operator watches ([`monitoring`]), these use constructs ([`function`], [`table`],
//! [`queue`], [`rule`], [`schedule`], [`custom_resource`]), and the constructs add typed resources to a
//! [`stack`]. [`pipeline`] is a stack of its own, which deploys the solution's from
//! a repository.
//!
//! Beside it, [`cost`] estimates from the same manifest what a month costs.

pub mod api;
pub mod assembly;
pub mod asset;
pub mod base;
pub mod code;
pub mod content;
pub mod cost;
pub mod custom_resource;
pub mod defender;
pub mod events;
pub mod flag;
pub mod function;
pub mod input;
pub mod jitr;
pub mod local;
pub mod manifest;
pub mod monitoring;
pub mod ownerapp;
mod parts;
pub mod pipeline;
pub mod policy;
pub mod queue;
pub mod requirements;
pub mod rule;
pub mod run;
pub mod schedule;
pub mod solution;
pub mod stack;
mod suppression;
pub mod table;
pub mod target;
pub mod telemetry;
pub mod things;
pub mod usage_data;
pub mod users;
pub mod value;
