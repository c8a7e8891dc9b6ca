//! Customers: from an operation to its use case, passwords hashed on the way.

use std::sync::Arc;

use super::Started;
use crate::{
    engine::{
        command::Command,
        customers::{self, FORM_PASSWORD},
        later::{queue_numbered, with_hashes},
        passwords,
        reply::Answered,
        signup_form,
        task::FnTask,
        to_json,
    },
    error::Result,
    ops::{
        customer::{CustomerCreateParams, CustomerUpdateParams, CustomerVerifyPasswordParams, PasswordVerification},
        signup_form::SignupFormSubmitParams,
    },
};

impl Started<'_> {
    pub(super) fn create(&mut self, params: CustomerCreateParams) -> Result<Option<Answered>> {
        let (header, reply) = self.depart()?;
        with_hashes(
            header,
            reply,
            params.attributes.clone(),
            None,
            move |header, reply, hashes| {
                queue_numbered(header, reply, move |cx, tx, numbers| {
                    customers::create(cx, tx, &params, numbers, &hashes)
                });
            },
        );
        Ok(None)
    }

    pub(super) fn update(&mut self, params: CustomerUpdateParams) -> Result<Option<Answered>> {
        let (header, reply) = self.depart()?;
        with_hashes(
            header,
            reply,
            params.attributes.clone(),
            None,
            move |header, reply, hashes| {
                Command::queue(header, reply, move |cx, tx| customers::update(cx, tx, &params, &hashes));
            },
        );
        Ok(None)
    }

    pub(super) fn submit(&mut self, params: SignupFormSubmitParams) -> Result<Option<Answered>> {
        let (header, reply) = self.depart()?;
        let password = params.password.as_ref().map(|password| password.0.clone());
        with_hashes(
            header,
            reply,
            params.attributes.clone(),
            password,
            move |header, reply, hashes| {
                queue_numbered(header, reply, move |cx, tx, numbers| {
                    signup_form::submit(cx, tx, &params, numbers, &hashes)
                });
            },
        );
        Ok(None)
    }

    pub(super) fn verify_password(&mut self, params: CustomerVerifyPasswordParams) -> Result<Option<Answered>> {
        let (header, reply) = self.depart()?;
        let database = Arc::clone(&header.session.engine.database);
        let blocking = header.session.engine.blocking.clone();
        let field = params.field.map_or_else(|| FORM_PASSWORD.to_owned(), |field| field.0);
        database.read(FnTask::boxed(
            Some(Arc::clone(&header.watch)),
            move |tx| customers::password_hash(&header.session.context(None), tx, &params.customer_id, &field),
            move |stored: Result<Option<String>>| match stored {
                Err(error) => reply.send(Err(error)),
                Ok(stored) => drop(blocking.spawn_blocking(move || {
                    let valid = passwords::verify(&params.password.0, stored.as_deref());
                    reply.send(to_json(&PasswordVerification { valid }).map(Answered::Json));
                })),
            },
        ));
        Ok(None)
    }
}
