//! The components that the manifest switches on and off.

use crate::local::Cloud;
use crate::manifest::Manifest;

/// A component with a flag, in the order in which a combination names them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Flag {
    /// Just-in-time registration.
    Jitr,
    /// Events and alerts.
    Events,
    /// The REST API.
    Api,
    /// The web console.
    Ownerapp,
    /// Telemetry and analytics.
    Telemetry,
    /// Device Defender.
    Defender,
}

impl Flag {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Jitr,
        Self::Events,
        Self::Api,
        Self::Ownerapp,
        Self::Telemetry,
        Self::Defender,
    ];

    /// Its key in the manifest.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jitr => "jitr",
            Self::Events => "events",
            Self::Api => "api",
            Self::Ownerapp => "ownerapp",
            Self::Telemetry => "telemetry",
            Self::Defender => "defender",
        }
    }

    /// The component that it cannot do without.
    #[must_use]
    pub const fn needs(self) -> Option<Self> {
        match self {
            Self::Ownerapp => Some(Self::Api),
            _ => None,
        }
    }
}

impl Manifest {
    /// Whether a component is deployed.
    #[must_use]
    pub fn deploys(&self, flag: Flag) -> bool {
        match flag {
            Flag::Jitr => self.jitr.deploy,
            Flag::Events => self.events.deploy,
            Flag::Api => self.api.deploy,
            Flag::Ownerapp => self.ownerapp.deploy,
            Flag::Telemetry => self.telemetry.deploy,
            Flag::Defender => self.defender.deploy,
        }
    }

    /// Switches a component.
    pub fn switch(&mut self, flag: Flag, deploy: bool) {
        *match flag {
            Flag::Jitr => &mut self.jitr.deploy,
            Flag::Events => &mut self.events.deploy,
            Flag::Api => &mut self.api.deploy,
            Flag::Ownerapp => &mut self.ownerapp.deploy,
            Flag::Telemetry => &mut self.telemetry.deploy,
            Flag::Defender => &mut self.defender.deploy,
        } = deploy;
    }

    /// Whether the API tells what devices have measured.
    #[must_use]
    pub fn has_history(&self) -> bool {
        self.api.deploy && self.telemetry.deploy
    }

    /// The components that are on.
    pub fn flags(&self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(|flag| self.deploys(*flag))
    }

    /// The names of the components that are on, `base` without any.
    #[must_use]
    pub fn combination(&self) -> String {
        let names: Vec<_> = self.flags().map(Flag::name).collect();
        if names.is_empty() {
            "base".to_owned()
        } else {
            names.join("-")
        }
    }

    /// Switches off what `cloud` does not have, and says what that was.
    pub fn fit(&mut self, cloud: Cloud) -> Vec<Flag> {
        let missing: Vec<_> = self.flags().filter(|flag| !cloud.has(*flag)).collect();
        for flag in &missing {
            self.switch(*flag, false);
        }
        missing
    }

    /// All that `cloud` has.
    #[must_use]
    pub fn full(cloud: Cloud) -> Self {
        let mut manifest = Self::default();
        for flag in Flag::ALL {
            manifest.switch(flag, cloud.has(flag));
        }
        manifest
    }

    /// Every combination of what `cloud` has, with what each component needs; the
    /// first has none of them.
    pub fn combinations(cloud: Cloud) -> impl Iterator<Item = Self> {
        let flags: Vec<_> = Self::full(cloud).flags().collect();
        (0..1_u32 << flags.len()).filter_map(move |bits| {
            let mut manifest = Self::full(cloud);
            for (place, flag) in flags.iter().enumerate() {
                manifest.switch(*flag, bits >> place & 1 == 1);
            }
            let complete = manifest.flags().all(|flag| {
                let needed = flag.needs();
                needed.is_none_or(|needed| manifest.deploys(needed))
            });
            complete.then_some(manifest)
        })
    }
}
