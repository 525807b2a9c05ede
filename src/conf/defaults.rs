//! What every setting is when nobody sets it.

use super::{
    ApiConf, AssetsConf, CacheConf, EgressConf, KvConf, LimitsConf, Listen, LogConf, LogFormat,
    OriginsConf, RuntimeConf, Store, UsageConf,
};

impl Default for Listen {
    fn default() -> Self {
        Self {
            http: "0.0.0.0:8080".into(),
            https: String::new(),
            ops: "127.0.0.1:9090".into(),
            api: "127.0.0.1:9080".into(),
            proxy_protocol: Vec::new(),
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self {
            url: String::new(),
            data_dir: "data".into(),
            timeout_ms: 1_000,
            records_max: 1_000_000,
            unknown_max: 100_000,
            record_bytes_max: 1 << 20,
            settle_ms: 10_000,
        }
    }
}

impl Default for LimitsConf {
    fn default() -> Self {
        Self {
            cpu_ms: 50,
            cpu_ms_max: 30_000,
            memory_mb: 128,
            memory_mb_max: 256,
            wall_ms: 30_000,
            wall_ms_max: 300_000,
            subrequests: 50,
            subrequests_max: 1_000,
            concurrency: 100,
            concurrency_max: 1_000,
            requests_per_second: 0,
            requests_per_second_max: 0,
            request_bytes: 0,
            request_bytes_max: 0,
            response_bytes: 0,
            response_bytes_max: 0,
            log_bytes: 64 << 10,
            log_bytes_max: 1 << 20,
            outgoing_connections: 6,
            outgoing_connections_max: 100,
            wait_until_ms: 30_000,
            wait_until_ms_max: 300_000,
            body_idle_ms: 30_000,
            body_idle_ms_max: 300_000,
            start_ms: 1_000,
            code_bytes_max: 64 << 20,
            connections: 20_000,
            connections_per_address: 1_000,
            header_fields: 128,
            header_bytes: 64 << 10,
            uri_bytes: 16 << 10,
            header_timeout_ms: 10_000,
            keepalive_timeout_ms: 60_000,
            keepalive_requests: 10_000,
            body_bytes: 0,
            body_timeout_ms: 300_000,
            rate_bytes_per_second: 240,
            rate_grace_ms: 10_000,
        }
    }
}

impl Default for RuntimeConf {
    fn default() -> Self {
        Self {
            threads: 0,
            work_stealing: true,
            heavy_threads: 0,
            heavy_nice: 10,
            javascript: true,
            instances: 1_000,
            keep_resident_kb: 1_024,
            modules_mb: 512,
            artifacts_mb: 4_096,
            compilers: 1,
            compile_cpu_s: 60,
            compile_memory_mb: 2_048,
            compile_timeout_s: 120,
            drain_timeout_s: 30,
        }
    }
}

impl Default for AssetsConf {
    fn default() -> Self {
        // Source: Cloudflare docs, Workers limits, static assets: 25 MiB a file, 20,000 files a version.
        Self {
            files_max: 20_000,
            file_bytes_max: 25 << 20,
            memory_mb: 256,
            disk_mb: 4_096,
        }
    }
}

impl Default for KvConf {
    fn default() -> Self {
        // Source: Cloudflare docs, Workers KV limits, and its API: 1,000 namespaces, 25 MiB a value, 100 MB a bulk write.
        Self {
            namespaces_max: 1_000,
            value_bytes_max: crate::model::kv::VALUE_BYTES_MAX,
            cache_mb: 64,
            bulk_bytes_max: 100_000_000,
        }
    }
}

impl Default for EgressConf {
    fn default() -> Self {
        Self {
            allow_hosts: Vec::new(),
            deny_hosts: Vec::new(),
            allow_ports: ["80", "443", "1024-65535"].map(str::to_owned).into(),
            allow_addresses: Vec::new(),
            deny_addresses: Vec::new(),
            dns_servers: Vec::new(),
            dns_timeout_ms: 5_000,
            dns_records_max: 10_000,
            dns_ttl_s_max: 300,
            connect_timeout_ms: 10_000,
            first_byte_timeout_ms: 60_000,
            body_idle_timeout_ms: 60_000,
            total_timeout_ms: 300_000,
            header_fields: 100,
            header_bytes: 64 << 10,
            response_bytes: 0,
            connections: 10_000,
            connections_per_worker: 1_000,
            idle_per_host: 16,
            idle_timeout_ms: 60_000,
            ca_file: String::new(),
        }
    }
}

impl Default for CacheConf {
    fn default() -> Self {
        Self {
            memory_mb: 256,
            owner_mb: 64,
            owner_entries: 10_000,
            object_bytes_max: 16 << 20,
            origins: false,
            fresh_on_deploy: false,
        }
    }
}

impl Default for OriginsConf {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 5_000,
            read_timeout_ms: 60_000,
            upgraded_timeout_ms: 600_000,
            idle_connections: 4_096,
            idle_timeout_ms: 60_000,
            ca_file: String::new(),
            client_certificate_file: String::new(),
            client_key_file: String::new(),
        }
    }
}

impl Default for LogConf {
    fn default() -> Self {
        Self {
            level: "info".into(),
            format: LogFormat::Json,
            access: true,
            access_file: std::path::PathBuf::new(),
            otlp: false,
            analytics_file: std::path::PathBuf::new(),
            tenants_max: 1_000,
            tenants_interval_s: 15,
        }
    }
}

impl Default for UsageConf {
    fn default() -> Self {
        // A year, and time to send its last bill.
        Self {
            interval_s: 10,
            keep_days: 400,
        }
    }
}

impl Default for ApiConf {
    fn default() -> Self {
        Self {
            account_id: String::new(),
            public_url: String::new(),
            script_bytes_max: 10 << 20,
            body_timeout_ms: 120_000,
            header_timeout_ms: 10_000,
            requests: 64,
            connections: 512,
            failures_per_minute: 20,
        }
    }
}
