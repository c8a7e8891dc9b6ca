//! Taking back what a paid order made.

use super::{carry::carry_out, desk::Desk, scene::Scene, till::impossible, work::Work};
use crate::{
    domain::{
        instant::Instant,
        order::{Order, OrderType},
        settings::GiveBack,
        subscription::{At, Refusal},
    },
    engine::port::Tx,
    error::Result,
};

impl Desk<'_> {
    /// An initial order was cancelled, or given back in full: every
    /// subscription that it made is cancelled at once (glossary, transition
    /// 22). One that is being charged is as soon as that is settled.
    ///
    /// # Errors
    ///
    /// What the database has to say.
    pub(in crate::engine) fn undo_made(&mut self, tx: &mut dyn Tx, order: &Order) -> Result<Vec<Work>> {
        let mut work = Vec::new();
        if order.kind != OrderType::Initial {
            return Ok(work);
        }
        for id in &order.made {
            let Some(record) = tx.subscription(self.cx.store.no, id, true)? else {
                continue;
            };
            if record.state.phase.is_final() {
                continue;
            }
            self.by_clock(tx, record.clock.as_ref())?;
            let scene = Scene::of(self, tx, &record)?;
            let cx = self.cx.clone();
            let mut ids = || cx.uuid();
            let world = scene.world(self, &[]);
            let state = record.state.clone();
            let decided = match state.cancel(Some(At::Now), Some(GiveBack::None), &world, &mut ids) {
                Err(Refusal::Charging) => {
                    let soon = Instant::from_micros(self.now().micros() + 1);
                    record.state.clone().cancel_once_settled(soon)
                }
                decided => decided,
            };
            let decision = decided.map_err(|refusal| impossible(&record, refusal))?;
            work.append(&mut carry_out(self, tx, &record, decision)?.work);
        }
        Ok(work)
    }
}
