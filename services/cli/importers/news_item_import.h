#ifndef BROADSHEET_SERVICES_CLI_IMPORTERS_NEWS_ITEM_IMPORT_H_
#define BROADSHEET_SERVICES_CLI_IMPORTERS_NEWS_ITEM_IMPORT_H_

#include <filesystem>
#include <memory>
#include <string>

#include "services/cli/importers/edition.h"
#include "services/cli/importers/news_item.h"
#include "services/cli/importers/problems.h"

namespace broadsheet::cli {

// Makes stories and pictures of the items of one file. An item with text becomes a story, its id made of the
// `uri`; one that is a picture goes to the library. Of an item's renditions, and of the pictures associated
// with it, those are used that lie beside the file. What cannot be expressed is reported; an item with an
// error is left out.
class NewsItemImport {
 public:
  // `section_id`: where stories belong that name none; empty is reported. `edition` and `problems` must
  // outlive this.
  NewsItemImport(const std::filesystem::path& file, const std::string& section_id, ImportedEdition& edition,
                 Problems& problems);
  ~NewsItemImport();
  NewsItemImport(const NewsItemImport&) = delete;
  NewsItemImport& operator=(const NewsItemImport&) = delete;

  // `line`: where it is in the file; 0: not known.
  void Add(NewsItem item, int line = 0);

 private:
  class Reader;
  const std::unique_ptr<Reader> reader_;
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_IMPORTERS_NEWS_ITEM_IMPORT_H_
