#include "services/cli/exporters/ninjs_writer.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/cli/exporters/html_writer.h"
#include "services/cli/importers/ninjs_own.h"
#include "services/cli/importers/own_uri.h"
#include "services/cli/importers/times.h"

namespace broadsheet::cli {

namespace v1 = article::v1;

namespace {

using Json = nlohmann::ordered_json;

class Writer {
 public:
  Writer(const ExportedStory& story, int version)
      : story_(story), content_(story.draft.content()), version_(version) {}

  Json Write() {
    item_["uri"] = OwnUri("article", story_.draft.article_id());
    const std::string number = version_ == 3 ? "3.1" : "2.2";
    item_["standard"] = {
        {"name", "ninjs"},
        {"version", number},
        {"schema", absl::StrCat("http://www.iptc.org/std/ninjs/ninjs-schema_", number, ".json")}};
    item_["type"] = "text";
    item_["version"] = absl::StrCat(story_.draft.revision());
    WriteState();
    WriteTexts();
    WriteConcepts();
    WriteAssociations();
    return std::move(item_);
  }

 private:
  // The name of a property: 2.x has them in lower case.
  std::string Name(absl::string_view name) const {
    return version_ == 3 ? std::string(name) : absl::AsciiStrToLower(name);
  }

  void Set(absl::string_view name, const std::string& value) {
    if (!value.empty()) item_[Name(name)] = value;
  }

  static std::string TimeText(const google::protobuf::Timestamp& time) {
    return absl::FormatTime(absl::RFC3339_full, ToTime(time), absl::UTCTimeZone());
  }

  void SetTime(absl::string_view name, bool present, const google::protobuf::Timestamp& time) {
    if (present) Set(name, TimeText(time));
  }

  void AddAltId(const char* role, const std::string& value) {
    if (!value.empty()) item_[Name("altIds")].push_back({{"role", role}, {"value", value}});
  }

  void WriteState() {
    const v1::Draft& draft = story_.draft;
    SetTime("firstCreated", draft.has_first_published_at(), draft.first_published_at());
    SetTime("versionCreated", draft.has_version_created_at(), draft.version_created_at());
    SetTime(version_ == 3 ? "embargoedUntil" : "embargoed", draft.has_embargoed_until(),
            draft.embargoed_until());
    SetTime("expires", draft.has_expires_at(), draft.expires_at());
    Set("pubStatus", story_.is_public()                              ? "usable"
                     : draft.pub_status() == v1::PUB_STATUS_CANCELED ? "canceled"
                                                                     : "withheld");
    if (content_.urgency() > 0) item_["urgency"] = content_.urgency();
    Set("edNote", draft.ed_note());
    AddAltId(kNinjsPath, draft.path());
    if (content_.has_coverage_ended_at())
      AddAltId(kNinjsCoverageEnded, TimeText(content_.coverage_ended_at()));
    if (story_.is_public()) return;
    if (story_.is_scheduled()) AddAltId(kNinjsScheduled, TimeText(draft.scheduled_at()));
    if (draft.pub_status() == v1::PUB_STATUS_UNSPECIFIED && !story_.is_scheduled())
      AddAltId(kNinjsState, "draft");
  }

  void WriteTexts() {
    Set("copyrightNotice", content_.copyright_notice());
    Set("usageTerms", content_.usage_terms());
    Set("language", content_.language());
    Set("slugline", content_.slugline());
    Set("located", content_.located());
    AddText(item_, "headlines", "main", content_.headline());
    AddText(item_, "headlines", kNinjsKicker, content_.kicker());
    AddText(item_, "descriptions", "standfirst", content_.standfirst());
    AddText(item_, "descriptions", "trail", content_.trail_text());
    if (content_.body_size() > 0) {
      item_["bodies"] = {
          {{"role", "main"}, {Name("contentType"), "text/html"}, {"value", WriteHtml(content_.body())}}};
    }
  }

  // Plain text, and said to be, so that nobody takes it for markup.
  void AddText(Json& item, const char* list, const std::string& role, const std::string& value) const {
    if (!value.empty()) {
      item[list].push_back({{"role", role}, {Name("contentType"), "text/plain"}, {"value", value}});
    }
  }

  void WriteConcepts() {
    std::vector<std::string> names;
    for (const std::string& id : content_.author_ids()) {
      const auto author = story_.authors.find(id);
      names.push_back(author == story_.authors.end() ? id : author->second.name());
      item_["people"].push_back({{"name", names.back()}, {"rel", "author"}, {"uri", OwnUri("author", id)}});
    }
    Set("by", content_.byline().empty() ? ListOfNames(names) : content_.byline());
    if (!content_.section_id().empty()) {
      item_["subjects"].push_back(
          {{"name", story_.section_name.empty() ? content_.section_id() : story_.section_name},
           {"rel", "section"},
           {"uri", OwnUri("section", content_.section_id())}});
    }
    for (const std::string& subject : content_.subjects()) item_["subjects"].push_back({{"name", subject}});
    if (!content_.genre().empty()) item_["genres"].push_back({{"name", content_.genre()}});
  }

  void WriteAssociations() {
    std::set<std::string> written;
    if (content_.has_lead_image()) {
      item_["associations"].push_back(Picture(kNinjsLead, content_.lead_image()));
      written.insert(content_.lead_image().image_id());
    }
    for (const v1::Block& block : content_.body()) {
      if (!block.has_image() || !written.insert(block.image().image_id()).second) continue;
      v1::ImageReference image;  // what the body says of it is in the body
      image.set_image_id(block.image().image_id());
      item_["associations"].push_back(Picture(absl::StrCat("picture-", written.size()), image));
    }
    if (!content_.follows_article_id().empty()) AddStory(kNinjsFollows, content_.follows_article_id());
    for (const std::string& id : content_.related_article_ids()) AddStory("related", id);
  }

  void AddStory(const char* name, const std::string& id) {
    item_["associations"].push_back({{"name", name}, {"uri", OwnUri("article", id)}, {"type", "text"}});
  }

  Json Picture(const std::string& name, const v1::ImageReference& use) const {
    Json picture = {{"name", name}, {"uri", OwnUri("image", use.image_id())}, {"type", "picture"}};
    AddText(picture, "descriptions", "caption", use.caption());
    AddText(picture, "descriptions", "alt", use.alt_text());
    AddText(picture, "descriptions", "creditline", use.credit_line());
    const auto found = story_.images.find(use.image_id());
    if (found == story_.images.end()) return picture;
    const media::v1::ImageMetadata& metadata = found->second.metadata();
    for (const auto& [property, value] : {std::pair{"by", metadata.creator()},
                                          {"copyrightNotice", metadata.copyright_notice()},
                                          {"usageTerms", metadata.usage_terms()}}) {
      if (!value.empty()) picture[Name(property)] = value;
    }
    if (story_.media_url.empty()) return picture;
    for (const media::v1::Rendition& rendition : found->second.renditions()) {
      picture["renditions"].push_back({{"name", rendition.name()},
                                       {"href", absl::StrCat(story_.media_url, rendition.path())},
                                       {Name("contentType"), rendition.media_type()},
                                       {"width", rendition.width()},
                                       {"height", rendition.height()},
                                       {Name("sizeInBytes"), rendition.byte_size()}});
    }
    return picture;
  }

  const ExportedStory& story_;
  const v1::ArticleContent& content_;
  const int version_;
  Json item_;
};

}  // namespace

std::string WriteNinjs(const ExportedStory& story, int version) {
  return Writer(story, version).Write().dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace broadsheet::cli
