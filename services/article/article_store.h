#ifndef BROADSHEET_SERVICES_ARTICLE_ARTICLE_STORE_H_
#define BROADSHEET_SERVICES_ARTICLE_ARTICLE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broadsheet/article/v1/article.pb.h"
#include "broadsheet/article/v1/article_service.pb.h"
#include "broadsheet/article/v1/editorial_service.pb.h"
#include "broadsheet/change/v1/change.pb.h"
#include "services/article/clock.h"
#include "services/article/found_article.h"
#include "services/article/lifecycle.h"

// What the service keeps, in two interfaces that share nothing but the data: PublicStore is all that
// ArticleService gets, EditStore is the newsroom's. Every method may return UNAVAILABLE (the storage cannot
// do it now; nothing was changed, unless a commit's answer was lost: then it may have been made); other
// errors are named where they occur. Thread-safe.
namespace broadsheet::article {

struct ArticleKey {
  enum class Kind { kId, kPath };
  Kind kind = Kind::kId;
  std::string value;
};

// A value and the state of the change log it belongs to, both of one consistent snapshot.
template <class T>
struct SnapshotRead {
  change::v1::Snapshot snapshot;
  T value;
};

struct ArticleLookup {
  std::shared_ptr<const FoundArticle> found;  // null: it is not public
  // Set if it is not public but was.
  std::optional<v1::Withdrawal> withdrawal = {};
  std::string withdrawn_id = {};  // its id then; without `withdrawal` it means nothing
  // It is public, but readers never had the revision asked for.
  bool no_such_revision = false;
};

// Place of an entry in a list, by time and then by id: the newest first.
struct ListPlace {
  std::int64_t micros = 0;
  std::string article_id;
};

struct ListQuery {
  std::string section_id;  // empty: any; so are the next two
  std::string author_id;
  std::string subject;
  std::optional<absl::Time> since;
  std::optional<absl::Time> before;
  int max_urgency = 9;
  std::optional<ListPlace> after;
  int limit = 20;
  bool with_curated = false;
};

enum class Body { kWithout, kWith };

// What readers may see; selects from published stories only. The clock is asked what time that is once it is
// settled at which position: what time has brought about by then is not hidden by an earlier one.
// `min_position`: UNAVAILABLE if the store has not got that far.
class PublicStore {
 public:
  virtual ~PublicStore() = default;

  virtual absl::StatusOr<SnapshotRead<ArticleLookup>> FindArticle(const ArticleKey& key, Body body,
                                                                  const Clock& clock,
                                                                  std::int64_t min_position) const = 0;
  // The same at a revision readers had or have, as they had it last, with the authors and section of today.
  virtual absl::StatusOr<SnapshotRead<ArticleLookup>> FindPastArticle(const ArticleKey& key,
                                                                      std::int64_t revision, Body body,
                                                                      const Clock& clock,
                                                                      std::int64_t min_position) const = 0;
  // Those of `ids` that are public, in that order, each once: each a v1::Article as it was stored,
  // serialized. RESOURCE_EXHAUSTED, reason ANSWER_TOO_LARGE: there are several, too long for one answer.
  virtual absl::StatusOr<SnapshotRead<std::vector<std::string>>> FindArticles(
      const std::vector<std::string>& ids, Body body, const Clock& clock,
      std::int64_t min_position) const = 0;
  // Up to `limit` stories; fewer than there are also when they grow beyond a few MiB.
  struct List {
    std::vector<v1::Article> articles;
    bool more = false;
    // If they were asked for: the public ones that were chosen for the section's page, or for the front;
    // without bodies.
    std::vector<v1::Article> curated = {};
  };
  virtual absl::StatusOr<SnapshotRead<List>> ListArticles(const ListQuery& query, Body body,
                                                          const Clock& clock,
                                                          std::int64_t min_position) const = 0;
  virtual absl::StatusOr<SnapshotRead<std::optional<v1::Author>>> FindAuthor(
      absl::string_view author_id, std::int64_t min_position) const = 0;
  // In the order of the masthead.
  virtual absl::StatusOr<SnapshotRead<std::vector<v1::Section>>> ListSections(
      std::int64_t min_position) const = 0;
};

// The answer to a write, kept so that a repetition gets it again.
struct StoredRequest {
  std::string digest;      // of the method and the request
  std::string response;    // serialized; a story's draft is left out and found again by the next two
  std::string article_id;  // empty: no draft
  std::int64_t revision = 0;
  std::int64_t position = 0;  // what followers must have acknowledged; 0: nothing
};

// Where the body of a revision is kept for as long as readers have it.
enum class BodyPlace {
  kRevision,  // with the revision; if readers have it too, it is there twice
  kPublic     // with what readers have; a store may keep it there alone
};

// What may be stored of a story already, beside its revisions.
enum class Stored {
  kNothing,  // it is new: there is nothing to look for
  kPerhaps
};

// A write transaction: everything done in it takes effect together, or nothing does. Errors end the edit:
// hand them on.
class EditTransaction {
 public:
  virtual ~EditTransaction() = default;

  virtual absl::StatusOr<std::optional<Story>> FindStory(absl::string_view article_id) = 0;
  virtual absl::StatusOr<std::optional<v1::Draft>> FindRevision(absl::string_view article_id,
                                                                std::int64_t revision, Body body) = 0;
  // Adds the story's newest revision, which must not exist yet. Leaves `story` as it was. `kPublic`:
  // SavePublic follows in this transaction and brings this revision's body, with the same place.
  virtual absl::Status SaveStory(Story& story, Action action, BodyPlace place) = 0;
  // When the story is due next; unset: never. SaveStory sets it too; this one makes no revision.
  virtual absl::Status SetNextEvent(absl::string_view article_id, std::optional<absl::Time> time) = 0;
  // The authors and sections the story must not lose, as tags `author/ID` and `section/ID`.
  virtual absl::Status SetReferences(absl::string_view article_id, const std::set<std::string>& tags,
                                     Stored what) = 0;
  virtual absl::StatusOr<bool> IsReferenced(absl::string_view tag) = 0;

  virtual absl::StatusOr<std::optional<std::string>> FindPathOwner(absl::string_view path) = 0;
  virtual absl::StatusOr<std::vector<std::string>> ListPaths(absl::string_view article_id) = 0;
  // For ever; a reservation of the path ends.
  virtual absl::Status ClaimPath(absl::string_view path, absl::string_view article_id) = 0;
  // The story a path is reserved for, which need not exist.
  virtual absl::StatusOr<std::optional<std::string>> FindReservation(absl::string_view path) = 0;
  virtual absl::StatusOr<int> CountReservations(absl::string_view article_id) = 0;
  virtual absl::Status ReservePath(absl::string_view path, absl::string_view article_id) = 0;
  virtual absl::Status ReleasePath(absl::string_view path) = 0;
  // All reservations for the story.
  virtual absl::Status ReleasePaths(absl::string_view article_id) = 0;

  // The public side of a story: what PublicStore selects from. `article` comes and goes without body;
  // `body` null leaves the stored one. `had`: what FindPublic finds, null if nothing.
  virtual absl::StatusOr<std::optional<v1::Article>> FindPublic(absl::string_view article_id) = 0;
  virtual absl::Status SavePublic(const v1::Article& article, const v1::Article* had,
                                  std::optional<absl::Time> embargoed_until, const v1::ArticleContent* body,
                                  BodyPlace place) = 0;
  virtual absl::Status RemovePublic(const v1::Article& had) = 0;
  // Keeps the public side as it is as a past one, for FindPastArticle. `revision` is the article's.
  virtual absl::Status KeepPublic(absl::string_view article_id, std::int64_t revision) = 0;
  // Forgets all past ones.
  virtual absl::Status RemovePast(absl::string_view article_id) = 0;
  virtual absl::StatusOr<std::optional<v1::Withdrawal>> FindWithdrawn(absl::string_view article_id) = 0;
  virtual absl::Status SetWithdrawn(absl::string_view article_id, const v1::Withdrawal* withdrawal) = 0;

  virtual absl::StatusOr<std::optional<v1::Author>> FindAuthor(absl::string_view author_id) = 0;
  virtual absl::Status SaveAuthor(const v1::Author& author) = 0;
  virtual absl::Status RemoveAuthor(absl::string_view author_id) = 0;
  virtual absl::StatusOr<std::optional<v1::Section>> FindSection(absl::string_view section_id) = 0;
  virtual absl::StatusOr<int> CountSections() = 0;
  virtual absl::Status SaveSection(const v1::Section& section) = 0;
  // With what was chosen for its page.
  virtual absl::Status RemoveSection(absl::string_view section_id) = 0;
  // `section_id` empty: the front's. Nothing: nothing ever was chosen.
  virtual absl::StatusOr<std::optional<v1::Curation>> FindCuration(absl::string_view section_id) = 0;
  virtual absl::Status SaveCuration(const v1::Curation& curation) = 0;

  // Gives the change the next position and `now` as its time.
  virtual absl::Status AppendChange(change::v1::Change change, absl::Time now) = 0;
  // The state of the log this transaction will leave behind.
  virtual change::v1::Snapshot snapshot() const = 0;

  virtual absl::StatusOr<std::optional<StoredRequest>> FindRequest(absl::string_view request_id,
                                                                   absl::Time now) = 0;
  virtual absl::Status SaveRequest(absl::string_view request_id, const StoredRequest& request,
                                   absl::Time expires_at) = 0;

  // Forgets up to `limit` answers that expired by `now`, and up to `limit` of the oldest changes beyond the
  // newest `kept_changes`.
  virtual absl::Status Prune(absl::Time now, std::int64_t kept_changes, int limit) = 0;
};

struct DraftQuery {
  std::string section_id;                   // empty: any
  std::vector<v1::EditState> edit_states;   // empty: any
  std::vector<v1::PubStatus> pub_statuses;  // empty: any
  std::optional<ListPlace> after;           // by time of update instead of publication
  int limit = 20;
};

// A time that has come, or will, for a story.
struct DueStory {
  std::string article_id;
  absl::Time at;
};

// How an edit shares commits.
enum class EditKind {
  // Has its commit made at once.
  kOrdinary,
  // One of a stream of large ones: waits some milliseconds for the next to go into the same commit. What
  // fails
  // it after its first write fails that commit.
  kBulk,
};

class EditStore {
 public:
  virtual ~EditStore() = default;

  // Runs `edit` and commits what it did if it returns OK; durable when this returns OK. Edits run one at a
  // time, on a thread of the store's own; several may share a commit. `edit` must not wait for anything.
  virtual absl::Status Write(EditKind kind, absl::FunctionRef<absl::Status(EditTransaction&)> edit) = 0;
  absl::Status Write(absl::FunctionRef<absl::Status(EditTransaction&)> edit) {
    return Write(EditKind::kOrdinary, edit);
  }

  // In the newest revision; nullopt: no such story.
  virtual absl::StatusOr<std::optional<v1::Draft>> FindDraft(const ArticleKey& key) const = 0;
  // The same for many: `on_draft` gets each that is there, by its place in `article_ids`, with what one
  // snapshot says; it must be quick.
  virtual absl::Status ReadDrafts(const std::vector<std::string>& article_ids,
                                  absl::FunctionRef<void(std::size_t, v1::Draft)> on_draft) const = 0;
  // Without bodies, last changed first; fewer than there are also when they grow beyond a few MiB.
  struct Drafts {
    std::vector<v1::Draft> drafts;
    bool more = false;
  };
  virtual absl::StatusOr<Drafts> ListDrafts(const DraftQuery& query) const = 0;
  struct Revisions {
    std::vector<v1::Revision> revisions;
    bool more = false;
  };
  // Those before `before`, newest first. NOT_FOUND (without details): no such story.
  virtual absl::StatusOr<Revisions> ListRevisions(absl::string_view article_id, std::int64_t before,
                                                  int limit) const = 0;
  struct RevisionLookup {
    v1::Draft draft;
    v1::Revision revision;
  };
  virtual absl::StatusOr<std::optional<RevisionLookup>> FindRevision(absl::string_view article_id,
                                                                     std::int64_t revision) const = 0;

  // As in EditTransaction.
  virtual absl::StatusOr<std::optional<v1::Curation>> FindCuration(absl::string_view section_id) const = 0;

  // Stories whose next event lies at or before `until`, earliest first.
  virtual absl::StatusOr<std::vector<DueStory>> ListDue(absl::Time until, int limit) const = 0;
  // Forgets what is no longer needed at `now`: answers to old requests, changes no follower may ask for. Some
  // at a time; whether there is more to do.
  virtual absl::StatusOr<bool> Prune(absl::Time now) = 0;

  // What signs page tokens: the same for every replica and after a restart.
  virtual const std::string& token_key() const = 0;

  // Number of stories in each publication state, for /status.
  struct Count {
    v1::PubStatus pub_status;
    v1::EditState edit_state;
    std::int64_t stories;
  };
  virtual absl::StatusOr<std::vector<Count>> CountStories() const = 0;
};

}  // namespace broadsheet::article

#endif  // BROADSHEET_SERVICES_ARTICLE_ARTICLE_STORE_H_
