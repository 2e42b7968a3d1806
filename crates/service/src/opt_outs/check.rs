//! Whether an opt-out could be sent as it is typed.

use super::prepare::OptOutInput;
use crate::caller::PersonCaller;
use crate::{Service, ServiceError};
use domain::role::Permission;

impl Service {
    /// Judges an input as sending it would, and writes nothing. Errors name every field that is wrong.
    pub async fn check_opt_out(
        &self,
        caller: &PersonCaller,
        input: &OptOutInput,
    ) -> Result<(), ServiceError> {
        caller.authorise(Permission::Request)?;
        let loaded = self.snapshots().current_for_commands().await?;
        let now = self.now();
        let mut tx = self.begin().await?;
        let known = self.known(&mut tx, caller, &loaded, input, now).await?;
        drop(tx);
        self.prepare_opt_out(&caller.person, &loaded, input, &known, now)
            .map(|_| ())
    }
}
