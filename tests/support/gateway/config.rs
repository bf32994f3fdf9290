//! Catalog and configuration files, written from a few calls.

use std::fmt::Write;

/// A catalog file in the making.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    providers: String,
    models: String,
    offers: String,
}

/// The details of one offer; the rest of the file's fields have defaults here.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Catalog slug.
    pub model: String,
    /// Provider's name.
    pub provider: String,
    /// What the provider calls it.
    pub upstream_model: String,
    /// USD for a million input tokens; output costs the same times five.
    pub price: String,
    /// Lines that come after, and may set other fields.
    pub more: String,
    /// Whether it can take tools.
    pub tools: bool,
    /// Whether it is active, not dark.
    pub active: bool,
}

impl Offer {
    /// An active offer of `model` at `provider`, known there as `upstream_model`.
    pub fn new(model: &str, provider: &str, upstream_model: &str) -> Self {
        Self {
            model: model.to_owned(),
            provider: provider.to_owned(),
            upstream_model: upstream_model.to_owned(),
            price: "1".to_owned(),
            more: String::new(),
            tools: true,
            active: true,
        }
    }

    /// USD for a million input tokens, decimal text.
    pub fn price(mut self, usd: &str) -> Self {
        self.price = usd.to_owned();
        self
    }

    /// One that can't take tools.
    pub fn without_tools(mut self) -> Self {
        self.tools = false;
        self
    }

    /// One that is dark.
    pub fn dark(mut self) -> Self {
        self.active = false;
        self
    }

    /// Adds a line of the file.
    pub fn line(mut self, toml: &str) -> Self {
        self.more.push_str(toml);
        self.more.push('\n');
        self
    }
}

impl Catalog {
    /// An empty catalog.
    pub fn new() -> Self {
        Self::default()
    }

    /// A provider of the Anthropic protocol.
    pub fn anthropic(self, name: &str, base_url: &str) -> Self {
        self.provider(name, "anthropic", base_url)
    }

    /// A provider of OpenAI Chat Completions; `base_url` includes `/v1`.
    pub fn openai(self, name: &str, base_url: &str) -> Self {
        self.provider(name, "openai-chat", base_url)
    }

    /// A provider of OpenAI Responses; `base_url` includes `/v1`.
    pub fn responses(self, name: &str, base_url: &str) -> Self {
        self.provider(name, "openai-responses", base_url)
    }

    /// The quirks of the provider named last, as a TOML table in one line.
    pub fn quirks(mut self, toml: &str) -> Self {
        let lines = self.providers.trim_end().to_owned();
        self.providers = format!("{lines}\nquirks = {toml}\n\n");
        self
    }

    fn provider(mut self, name: &str, protocol: &str, base_url: &str) -> Self {
        let _ = writeln!(
            self.providers,
            "[providers.{name}]\nprotocol = \"{protocol}\"\nbase_url = \"{base_url}\"\n\
             key_env = \"TEST_PROVIDER_KEY\"\n"
        );
        self
    }

    /// The built-in simulated provider.
    pub fn simulated(mut self, name: &str) -> Self {
        let _ = writeln!(
            self.providers,
            "[providers.{name}]\nprotocol = \"simulated\"\n"
        );
        self
    }

    /// A model and its quality.
    pub fn model(mut self, slug: &str, quality: &str) -> Self {
        let _ = writeln!(
            self.models,
            "[[models]]\nslug = \"{slug}\"\nq_prior = \"{quality}\"\n"
        );
        self
    }

    /// An offer.
    pub fn offer(mut self, offer: Offer) -> Self {
        let Offer {
            model,
            provider,
            upstream_model,
            price,
            more,
            tools,
            active,
        } = offer;
        let limits = [
            ("images", "true"),
            ("thinking", "true"),
            ("context_tokens", "200000"),
            ("max_output_tokens", "8192"),
            ("default_output_tokens", "1024"),
            ("output_usd_per_mtok", "\"5\""),
        ];
        let _ = writeln!(
            self.offers,
            "[[offers]]\nmodel = \"{model}\"\nprovider = \"{provider}\"\n\
             upstream_model = \"{upstream_model}\"\nactive = {active}\ntools = {tools}\n\
             input_usd_per_mtok = \"{price}\""
        );
        for (name, value) in limits {
            if !more.contains(name) {
                let _ = writeln!(self.offers, "{name} = {value}");
            }
        }
        let _ = writeln!(self.offers, "{more}");
        self
    }

    /// A model with one offer: upstream name `up-<slug>`.
    pub fn single(self, slug: &str, provider: &str, quality: &str, price: &str) -> Self {
        self.model(slug, quality)
            .offer(Offer::new(slug, provider, &format!("up-{slug}")).price(price))
    }

    /// The file.
    pub fn text(&self) -> String {
        format!("{}{}{}", self.providers, self.models, self.offers)
    }
}

/// Timeouts of the gateway, in milliseconds.
#[derive(Clone, Debug)]
pub struct Timeouts {
    /// To connect to a provider.
    pub connect: u64,
    /// From the request to the first event of a provider's stream.
    pub first_event: u64,
    /// From the request to the end of an answer that is not streamed.
    pub answer: u64,
    /// Between two pieces of a provider's stream.
    pub idle: u64,
    /// Silence after which the gateway pings its client.
    pub ping: u64,
    /// For a client's body.
    pub body: u64,
    /// For a client's headers.
    pub header: u64,
    /// For calls under way when the gateway is told to stop.
    pub drain: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: 20_000,
            first_event: 60_000,
            answer: 60_000,
            idle: 60_000,
            // None by accident: a ping is no part of what a provider sent, or of an
            // answer that is kept.
            ping: 90_000,
            body: 60_000,
            header: 30_000,
            drain: 30_000,
        }
    }
}

impl Timeouts {
    pub(super) fn toml(&self) -> String {
        let Self {
            connect,
            first_event,
            answer,
            idle,
            ping,
            body,
            header,
            drain,
        } = self;
        format!(
            "\n[timeouts]\nconnect_ms = {connect}\nfirst_event_ms = {first_event}\n\
             answer_ms = {answer}\nidle_ms = {idle}\nping_ms = {ping}\nbody_ms = {body}\nheader_ms = {header}\n\
             drain_ms = {drain}\n"
        )
    }
}
