// What a store outside the process, or an earlier run, left. The first line says how the rest is meant:
//   raw      bytes as they come
//   page     a StoredPage in text format, put into its frame with the digest that belongs to it
//   pages    a StoredLastGood in text format, the same; stored_page holds a StoredPage in text format
//   framed   bytes of a StoredPage, the same
//   ends     lines of the record of ends, each behind its digest
// In text format `gzip: "="` stands for the body as gzip, and a body of 0 bytes said for as many as there
// are.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "libs/http/compression.h"
#include "libs/http/response_writer.h"
#include "libs/http/validators.h"
#include "services/gateway/last_good_pages.h"
#include "services/gateway/stored_page.h"
#include "services/gateway/stored_page.pb.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/lines.h"
#include "tests/fuzz/one_client.h"
#include "tests/fuzz/text_message.h"

namespace broadsheet::fuzz {
namespace {

using namespace gateway;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kPolicy = "default-src 'none'";

// What stands in front of pages that were really stored: magic and schema number.
std::string MagicOf(const std::string& encoded) { return encoded.substr(0, 8); }

std::string FramedPages(std::string_view magic, std::string_view payload) {
  return std::string(magic).append(http::StrongEtag(payload)).append(payload);
}

const std::string& PageMagic() {
  static const auto& magic = *new std::string([] {
    PageEntry entry;
    entry.content = PreparePage({}, {}, {}, kPolicy);
    return MagicOf(EncodeStoredPage(entry));
  }());
  return magic;
}

const std::string& PagesMagic() {
  static const auto& magic = *new std::string(MagicOf(EncodeLastGoodPages({})));
  return magic;
}

std::string FramedPage(std::string_view payload) {
  return absl::StrCat(PageMagic(), absl::Hex(http::Checksum(payload), absl::kZeroPad16),
                      std::string(payload));
}

std::string Bytes(StoredPage page) {
  if (page.gzip() == "=") page.set_gzip(*http::Gzip(page.body(), http::Effort::kFast));
  if (page.body_bytes() == 0) page.set_body_bytes(static_cast<std::int64_t>(page.body().size()));
  return page.SerializeAsString();
}

// As it is written at `now`.
void CheckWritten(const PageEntry& entry, absl::Time now) {
  http::WireResponse wire;
  http::ResponseWriter::Write(nullptr, {.content = entry.content, .headers = {}, .close_connection = false},
                              {.time = now, .line = "Date: x\r\n"}, false, wire);
  Expect(wire.body.size() == entry.content->uncoded_bytes(), "the body is what was stored");
  std::string head;
  for (const std::string_view piece : wire.head) head += piece;
  head += wire.lines;
  head.resize(head.size() - 2);
  std::string_view lines = head;
  Take(lines);
  ExpectFieldLines(lines);
}

// A page that was read can be served, and stored again as the same one.
void CheckPage(const PageEntry& entry) {
  Expect(entry.content != nullptr && entry.status() >= 200 && entry.status() <= 599, "a page can be served");
  CheckWritten(entry, absl::InfinitePast());
  CheckWritten(entry, absl::InfiniteFuture());
  const std::string bytes = EncodeStoredPage(entry);
  const auto again = DecodeStoredPage(bytes, entry.path, kPolicy, nullptr);
  Expect(again != nullptr, "what was read can be stored", entry.path);
  Expect(EncodeStoredPage(*again) == bytes, "a page survives being stored", entry.path);
}

// One whose gzip does not hold what it says is refused when somebody asks for the bytes.
void CheckDamagedPage(const PageEntry& entry) {
  http::WireResponse wire;
  http::ResponseWriter::Write(nullptr, {.content = entry.content, .headers = {}, .close_connection = false},
                              {.time = absl::InfiniteFuture(), .line = "Date: x\r\n"}, false, wire);
  Expect(wire.status == 503, "what is damaged is not served");
  Expect(CompressBetter(entry, kPolicy, nullptr) == nullptr, "what is damaged is not coded anew");
}

void CheckStoredPage(const std::string& bytes, std::string_view path) {
  const auto entry = DecodeStoredPage(bytes, path, kPolicy, std::make_shared<http::UncodedBodies>(1u << 20));
  if (!entry) return;
  Expect(entry->path == path, "a page is found under its own path", path);
  entry->content->UncodedCopy() ? CheckPage(*entry) : CheckDamagedPage(*entry);
}

void CheckFramed(const std::string& payload) {
  StoredPage page;
  const bool parsed = page.ParseFromString(payload);
  CheckStoredPage(FramedPage(payload), parsed ? page.path() : "/");
}

void CheckPages(std::string_view bytes) {
  const std::optional<LastGoodPages> pages = DecodeLastGoodPages(bytes, kPolicy);
  if (!pages) return;
  for (const auto& entry : pages->pages) CheckPage(*entry);
  const std::string written = EncodeLastGoodPages(*pages);
  const std::optional<LastGoodPages> again = DecodeLastGoodPages(written, kPolicy);
  Expect(again && EncodeLastGoodPages(*again) == written, "pages survive being stored");
}

void CheckEnds(std::string_view bytes) {
  const std::optional<EndRecord> record = DecodeEndRecord(bytes);
  if (!record) return;
  std::string written = EncodeRecordName(record->name);
  for (const End& end : record->ends) written += EncodeEnd(end);
  const std::optional<EndRecord> again = DecodeEndRecord(written);
  Expect(again && again->name == record->name && again->ends == record->ends, "a record survives", written);
}

void CheckText(std::string_view kind, std::string_view text) {
  if (kind == "page") {
    if (const auto page = ParseMessage<StoredPage>(text)) CheckFramed(Bytes(*page));
  } else if (auto pages = kind == "pages" ? ParseMessage<StoredLastGood>(text) : std::nullopt) {
    for (StoredLastGood::Page& page : *pages->mutable_pages()) {
      if (const auto inner = ParseMessage<StoredPage>(page.stored_page()))
        page.set_stored_page(FramedPage(Bytes(*inner)));
    }
    CheckPages(FramedPages(PagesMagic(), pages->SerializeAsString()));
  }
}

}  // namespace
}  // namespace broadsheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace broadsheet::fuzz;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view kind = Take(text);
  if (kind == "raw") {
    CheckStoredPage(std::string(text), "/");
    CheckPages(text);
    CheckEnds(text);
  } else if (kind == "framed") {
    CheckFramed(std::string(text));
  } else if (kind == "ends") {
    std::string record;
    while (!text.empty()) {
      const std::string_view line = Take(text);
      record.append(broadsheet::http::StrongEtag(line)).append(" ").append(line).append("\n");
    }
    CheckEnds(record);
  } else {
    CheckText(kind, text);
  }
  return 0;
}
