#include "services/gateway/gateway_flags.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "libs/rpc/process.h"

ABSL_FLAG(std::string, host, "127.0.0.1", "Address to listen on; 0.0.0.0 for every network.");
ABSL_FLAG(std::uint16_t, http_port, 8080, "Port for readers; 0 takes any free one.");
ABSL_FLAG(std::uint16_t, grpc_port, 8081, "Port for other services (PageService); 0 takes any free one.");
ABSL_FLAG(std::uint16_t, ops_port, 9080, "Port for operators: /healthz /readyz /metrics /status; 0: any.");
ABSL_FLAG(std::string, port_file, "", "File to write the open ports to, as lines `name=port`.");
ABSL_FLAG(std::string, article_address, "127.0.0.1:8082", "gRPC target of the article service.");
ABSL_FLAG(std::string, media_address, "127.0.0.1:8083", "gRPC target of the media service.");
ABSL_FLAG(std::string, recommendation_address, "127.0.0.1:8084", "gRPC target of recommendation.");
ABSL_FLAG(std::string, redis_address, "127.0.0.1:8079",
          "host:port, unix:///path, sentinel://host:port,.../name, cluster://host:port,...; empty: none.");
ABSL_FLAG(std::string, redis_username, "", "Whom to be in Redis; empty: its default user.");
ABSL_FLAG(std::string, redis_password_file, "",
          "File whose only line is the password for Redis, read at the start; empty: none is needed.");
ABSL_FLAG(std::string, redis_sentinel_username, "",
          "The same of the sentinels, which have users of their own.");
ABSL_FLAG(std::string, redis_sentinel_password_file, "", "The same of the sentinels.");
ABSL_FLAG(std::string, site_name, "Broadsheet", "Name of the paper, as printed.");
ABSL_FLAG(std::string, site_url, "http://localhost:8080", "Where readers find the site.");
ABSL_FLAG(std::string, site_description, "", "A sentence about the site, for search engines.");
ABSL_FLAG(std::string, site_language, "en-GB", "Language of the site's own words (BCP 47).");
ABSL_FLAG(std::string, media_url, "http://localhost:8093", "Where readers find pictures.");
ABSL_FLAG(std::string, time_zone, "UTC", "Time zone of printed times, such as Europe/London.");
ABSL_FLAG(std::string, templates, "services/gateway/renderer/templates", "Folder of templates and assets.");
ABSL_FLAG(bool, check_templates, false, "Only says whether the folder of --templates could be used.");
ABSL_FLAG(absl::Duration, max_stale, absl::Hours(24), "How long a page, labelled, is shown as known last.");
ABSL_FLAG(std::string, last_good, "", "Own folder for main pages, shown at a start while all is down.");
ABSL_FLAG(absl::Duration, last_good_max_absence, absl::Minutes(10), "How long away it may be for that.");
ABSL_FLAG(bool, ready_once_following, false, "Ready once article is followed or --last_good has pages.");
ABSL_FLAG(std::uint32_t, cache_mib, 256, "MiB for pages in memory, an eighth for uncompressed ones.");
ABSL_FLAG(std::uint32_t, count_one_read_in, 1, "Of so many reads one is reported; at most 10,000.");
ABSL_FLAG(int, threads, 0, "Threads that serve readers, at most 64, and that make pages; 0: one per core.");
ABSL_FLAG(int, drain_seconds, 0, "How long to keep serving after SIGTERM, while clients turn elsewhere.");

namespace broadsheet::gateway {

GatewayOptions OptionsFromFlags() {
  GatewayOptions options;
  options.host = absl::GetFlag(FLAGS_host);
  options.http_port = absl::GetFlag(FLAGS_http_port);
  options.grpc_port = absl::GetFlag(FLAGS_grpc_port);
  options.ops_port = absl::GetFlag(FLAGS_ops_port);
  options.port_file = absl::GetFlag(FLAGS_port_file);
  options.threads = absl::GetFlag(FLAGS_threads);
  options.backends.article_address = absl::GetFlag(FLAGS_article_address);
  options.backends.media_address = absl::GetFlag(FLAGS_media_address);
  options.backends.recommendation_address = absl::GetFlag(FLAGS_recommendation_address);
  options.redis_address = absl::GetFlag(FLAGS_redis_address);
  options.redis_username = absl::GetFlag(FLAGS_redis_username);
  options.redis_password_file = absl::GetFlag(FLAGS_redis_password_file);
  options.redis_sentinel_username = absl::GetFlag(FLAGS_redis_sentinel_username);
  options.redis_sentinel_password_file = absl::GetFlag(FLAGS_redis_sentinel_password_file);
  options.templates = absl::GetFlag(FLAGS_templates);
  options.site.name = absl::GetFlag(FLAGS_site_name);
  options.site.url = absl::GetFlag(FLAGS_site_url);
  options.site.media_url = absl::GetFlag(FLAGS_media_url);
  options.site.language = absl::GetFlag(FLAGS_site_language);
  options.site.description = absl::GetFlag(FLAGS_site_description);
  options.time_zone = absl::GetFlag(FLAGS_time_zone);
  options.pages.cache.max_bytes = std::size_t{absl::GetFlag(FLAGS_cache_mib)} << 20;
  options.pages.rules.max_stale = absl::GetFlag(FLAGS_max_stale);
  options.last_good.folder = absl::GetFlag(FLAGS_last_good);
  options.last_good.rules.max_absence = absl::GetFlag(FLAGS_last_good_max_absence);
  options.ready_once_following = absl::GetFlag(FLAGS_ready_once_following);
  options.reads.one_in = absl::GetFlag(FLAGS_count_one_read_in);
  options.drain = absl::Seconds(absl::GetFlag(FLAGS_drain_seconds));
  options.flags = rpc::FlagsInForce();
  return options;
}

bool OnlyChecksTemplates() { return absl::GetFlag(FLAGS_check_templates); }

}  // namespace broadsheet::gateway
