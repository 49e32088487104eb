#include "tests/faults/probe.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace broadsheet::faults {
namespace {

using Kind = StoryState::Kind;

const char* KindName(Target::Kind kind) {
  switch (kind) {
    case Target::Kind::kStory:
      return "story";
    case Target::Kind::kSection:
      return "section";
    case Target::Kind::kFront:
      return "front";
    case Target::Kind::kFeed:
      return "feed";
  }
  return "page";
}

double MillisSince(std::int64_t nanos) { return static_cast<double>(NowNanos() - nanos) / 1e6; }

}  // namespace

Target ChooseTarget(Site& site, std::mt19937_64& random) {
  const auto pick = [&](std::size_t size) { return static_cast<int>(random() % size); };
  switch (pick(100)) {
    case 0:
    case 1:
      return {Target::Kind::kFront, 0, "/"};
    case 2:
      return {Target::Kind::kFeed, 0, "/feed.atom"};
    case 3:
    case 4:
    case 5: {
      const int section = pick(site.sections());
      return {Target::Kind::kSection, section, "/" + site.SectionId(section)};
    }
    default: {
      const int story = pick(site.stories().size());
      return {Target::Kind::kStory, story, site.stories()[story].path};
    }
  }
}

Probe::Probe(Site& site, Report& report, GatewayView& gateway, Target target)
    : site_(site),
      report_(report),
      gateway_(gateway),
      target_(std::move(target)),
      life_(gateway.life.load()),
      shown_before_(gateway.shown.Find(target_.path, life_)),
      sent_at_(NowNanos()) {
  known_withdrawal_.reserve(site.stories().size());
  returned_.reserve(site.stories().size());
  for (const std::atomic<int>& known : gateway.known_withdrawal) known_withdrawal_.push_back(known.load());
  for (const Story& story : site.stories()) returned_.push_back(story.history.returned());
}

void Probe::Judge(const PageAnswer& answer) {
  report_.Count("reads");
  report_.Count(absl::StrCat("answers ", answer.door, " ", answer.status, answer.tier.empty() ? "" : " ",
                             answer.tier,
                             answer.stale      ? " stale"
                             : answer.degraded ? " degraded"
                                               : ""));
  if (answer.status == 503) return JudgeUnavailable(answer);
  if (target_.kind == Target::Kind::kStory) {
    JudgeStoryPage(answer);
  } else {
    JudgeListPage(answer);
  }
  Learn(answer);
}

void Probe::Failed(const std::string& door, const std::string& why) {
  if (site_.stopping()) return;
  report_.Count(absl::StrCat("no answer ", door));
  if (gateway_.down.Touches(sent_at_, kRecovery)) return;
  Violation("no answer", absl::StrCat(why, "; ", Describe({.door = door})));
}

void Probe::JudgeStoryPage(const PageAnswer& answer) {
  const int own = target_.number;
  if (answer.status == 410)
    return Decide(faults::Judge(site_.stories()[own].history, WindowOf(own),
                                {{Kind::kWithheld, 0}, answer.stale, known_withdrawal_[own]}),
                  answer, own, {Kind::kWithheld, 0});
  if (answer.status == 404)
    return Decide(faults::Judge(site_.stories()[own].history, WindowOf(own),
                                {{Kind::kAbsent, 0}, answer.stale, known_withdrawal_[own]}),
                  answer, own, {Kind::kAbsent, 0});
  const bool itself = std::any_of(answer.tokens.begin(), answer.tokens.end(), [&](const Token& token) {
    return token.story == site_.stories()[own].token_number;
  });
  if (answer.status != 200 || !itself) {
    return Violation("not the page", absl::StrCat(answer.tokens.size(), " tokens; ", Describe(answer)));
  }
  Token last;
  for (const Token& token : answer.tokens) {
    if (token == last) continue;
    last = token;
    Shown(answer, token, token.story == site_.stories()[own].token_number);
  }
}

void Probe::JudgeListPage(const PageAnswer& answer) {
  if (answer.status != 200) return Violation("not the page", Describe(answer));
  for (const Token& token : answer.tokens) Shown(answer, token, true);
  if (target_.kind == Target::Kind::kSection) JudgeMissing(answer);
  if (target_.kind == Target::Kind::kFeed && site_.feed_lists_all()) JudgeMissing(answer);
}

// A section shows all its stories, as there are few, and so may a feed: what is not there must not have been
// public all the time.
void Probe::JudgeMissing(const PageAnswer& answer) {
  std::vector<bool> there(site_.stories().size());
  for (const Token& token : answer.tokens) {
    if (const Story* story = site_.FindByToken(token.story)) there[story->number] = true;
  }
  for (const Story& story : site_.stories()) {
    const bool elsewhere = target_.kind == Target::Kind::kSection && story.section != target_.number;
    if (elsewhere || there[story.number]) continue;
    const Window window = WindowOf(story.number);
    const Verdict withheld = faults::Judge(story.history, window, {{Kind::kWithheld, 0}, answer.stale, 0});
    const Verdict absent = faults::Judge(story.history, window, {{Kind::kAbsent, 0}, answer.stale, 0});
    if (absent != Verdict::kCurrent) Decide(withheld, answer, story.number, {Kind::kWithheld, 0});
  }
}

// Without article a gateway may have nothing to show, but not for a page that it has shown in this life:
// neither a fault nor a stall excuses that.
void Probe::JudgeUnavailable(const PageAnswer& answer) {
  if (shown_before_ && gateway_.life.load() == life_) {
    if (!MayRefuse(*shown_before_)) return Violation("known page unavailable", Describe(answer));
    report_.Count(absl::StrCat("known ", KindName(target_.kind), " refused after a withdrawal"));
  }
  const bool excused = CutOff() || gateway_.down.Touches(sent_at_, kRecovery);
  if (!excused) ViolationUnlessStalled("unavailable", Describe(answer));
}

void Probe::Shown(const PageAnswer& answer, Token token, bool strict) {
  const Story* story = site_.FindByToken(token.story);
  if (story == nullptr) return;
  const StoryState state = {Kind::kPublished, token.revision};
  const Window window = WindowOf(story->number);
  const faults::Shown shown = {state, strict ? answer.stale : answer.degraded,
                               known_withdrawal_[story->number]};
  Decide(strict ? faults::Judge(story->history, window, shown) : JudgeMention(story->history, window, shown),
         answer, story->number, state);
}

void Probe::Decide(Verdict verdict, const PageAnswer& answer, int story, StoryState shown) {
  if (verdict == Verdict::kCurrent) return;
  const bool excused = verdict == Verdict::kLabelledOld && CutOff();
  if (excused) return report_.Count("labelled old");
  const StoryHistory& history = site_.stories()[story].history;
  const Window window = WindowOf(story);
  const int write = shown.kind == Kind::kPublished ? history.WriteOf(shown.revision) : -1;
  const std::int64_t promised_at = history.returned_at(window.returned);
  const std::string detail =
      absl::StrCat("story ", story, " shown as ", ToString(shown), " (write ", write, "); promised ",
                   ToString(history.state(window.returned)), " (write ", window.returned, ", returned ",
                   (sent_at_ - promised_at) / 1000, " us before the request); newest begun ",
                   ToString(history.state(window.begun)), " (write ", window.begun, "); known withdrawal ",
                   known_withdrawal_[story], "; ", Describe(answer));
  if (verdict == Verdict::kLabelledOld)
    return ViolationUnlessStalled("labelled old without being cut off", detail);
  Violation(std::string(VerdictName(verdict)), detail);
}

void Probe::Learn(const PageAnswer& answer) {
  if (gateway_.life.load() != life_) return;
  if (answer.status == 200) NoteShown(answer);
  if (target_.kind != Target::Kind::kStory || answer.status != 410 || answer.stale) return;
  const Window window = WindowOf(target_.number);
  const int write = WithdrawalBehindGone(site_.stories()[target_.number].history, window);
  if (write > 0) gateway_.KnowsWithdrawal(target_.number, write);
}

// A story is refused for its own sake. A front or section is shown without the stories that were withdrawn,
// so for nobody's.
void Probe::NoteShown(const PageAnswer& answer) {
  ShownPage page = {.life = life_};
  if (target_.kind == Target::Kind::kFeed) {
    if (answer.stale) return;  // nobody knows which stories it had to take account of
    page.stories = StoriesOfFeed(answer);
  } else if (target_.kind == Target::Kind::kStory) {
    page.stories = {{target_.number, WriteShown(answer, target_.number).value_or(0)}};
  }
  gateway_.shown.Note(target_.path, std::move(page));
}

// Of a feed no story can be left out, so it is refused for the sake of each that is there, and of those that
// a newer feed, which nobody has seen yet, may have.
std::vector<ShownPage::Story> Probe::StoriesOfFeed(const PageAnswer& answer) const {
  std::vector<ShownPage::Story> stories;
  for (const Story& story : site_.stories()) {
    const std::optional<int> write = WriteShown(answer, story.number);
    stories.push_back({story.number, write.value_or(returned_[story.number]), write.has_value()});
  }
  return stories;
}

std::optional<int> Probe::WriteShown(const PageAnswer& answer, int story) const {
  const auto found = std::find_if(answer.tokens.begin(), answer.tokens.end(), [&](const Token& token) {
    return token.story == site_.stories()[story].token_number;
  });
  if (found == answer.tokens.end()) return std::nullopt;
  return site_.stories()[story].history.WriteOf(found->revision);
}

bool Probe::MayRefuse(const ShownPage& page) const {
  return std::any_of(page.stories.begin(), page.stories.end(), [this](const ShownPage::Story& story) {
    const StoryHistory& history = site_.stories()[story.number].history;
    return story.there ? WithdrawnAfter(history, story.write)
                       : PublishedAndWithdrawnAfter(history, story.write);
  });
}

void Probe::Violation(const std::string& kind, const std::string& detail) {
  report_.Violation(kind, site_.faults(), detail);
}

void Probe::ViolationUnlessStalled(const std::string& kind, const std::string& detail) {
  report_.ViolationUnlessStalled(kind, site_.faults(), detail, sent_at_, NowNanos());
}

Window Probe::WindowOf(int story) const { return {returned_[story], site_.stories()[story].history.begun()}; }

bool Probe::CutOff() const {
  return gateway_.cut_off.Touches(sent_at_, kRecovery) || gateway_.down.Touches(sent_at_, kRecovery);
}

std::string Probe::Describe(const PageAnswer& answer) const {
  return absl::StrCat(target_.path, " over ", answer.door, " from gateway ", gateway_.number, ", status ",
                      answer.status, ", tier ", answer.tier.empty() ? "?" : answer.tier,
                      answer.stale      ? ", labelled stale"
                      : answer.degraded ? ", labelled degraded"
                                        : ", not labelled",
                      ", ", MillisSince(sent_at_), " ms after the request");
}

}  // namespace broadsheet::faults
