//! Registrations as `device` reads them: those that are not deleted.

use std::cmp::Reverse;

use contract::table;
use domain::device::Devices;
use domain::id::{DeviceId, UserId};
use domain::page::Stretch;
use domain::registration::Registration;
use domain::store::StoreError;

use crate::aws::{failed, unreadable};
use crate::dynamo::{from_item, text};
use crate::registrations::{DynamoRegistrations, Row, registration_key};

impl Devices for DynamoRegistrations {
    async fn of_user(
        &self,
        user: &UserId,
        after: Option<&DeviceId>,
        most: usize,
    ) -> Result<Stretch<Registration>, StoreError> {
        const OPERATION: &str = "list the devices of a user";
        let found = self
            .client
            .query()
            .table_name(&self.registrations)
            .key_condition_expression("userId = :user")
            .filter_expression("#status <> :deleted")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":user", text(user.as_str()))
            .expression_attribute_values(":deleted", text("deleted"))
            .set_exclusive_start_key(after.map(|device| registration_key(user, device)))
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;

        let end = found.last_evaluated_key.map(|key| {
            let device = key.get(table::DEVICE_ID).and_then(|it| it.as_s().ok());
            let device = device.ok_or_else(|| unreadable(OPERATION, "a key without a device"))?;
            let device = DeviceId::new(device).map_err(|err| unreadable(OPERATION, err))?;
            Ok(Reverse(device))
        });
        let rows = found.items.unwrap_or_default().into_iter();
        Ok(Stretch {
            rows: rows
                .map(|item| from_item::<Row>(OPERATION, item).map(Registration::from))
                .collect::<Result<_, _>>()?,
            scanned: usize::try_from(found.scanned_count).unwrap_or_default(),
            end: end.transpose()?,
        })
    }

    async fn get(
        &self,
        user: &UserId,
        device: &DeviceId,
    ) -> Result<Option<Registration>, StoreError> {
        const OPERATION: &str = "read a registration";
        let found = self
            .client
            .get_item()
            .table_name(&self.registrations)
            .set_key(Some(registration_key(user, device)))
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        let row = found.item.map(|item| from_item::<Row>(OPERATION, item));
        Ok(row.transpose()?.map(Registration::from))
    }
}
