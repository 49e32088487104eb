#ifndef BROADSHEET_SERVICES_CLI_EXPORTERS_STORY_H_
#define BROADSHEET_SERVICES_CLI_EXPORTERS_STORY_H_

#include <map>
#include <string>

#include "broadsheet/article/v1/editorial_service.pb.h"
#include "broadsheet/media/v1/image.pb.h"

// What every exporter starts from: a story, and what the services know about the things it names.
namespace broadsheet::cli {

struct ExportedStory {
  article::v1::Draft draft;
  std::map<std::string, article::v1::Author> authors;  // by id; those that are there
  std::string section_name;                            // empty: not known
  std::map<std::string, media::v1::Image> images;      // by id; those that may be shown
  std::string media_url;  // what the paths of renditions follow; empty: renditions are not named

  // Whether readers may see it now or at a time that is set.
  bool is_public() const { return draft.pub_status() == article::v1::PUB_STATUS_USABLE; }
  bool is_scheduled() const { return draft.edit_state() == article::v1::EDIT_STATE_SCHEDULED; }
};

}  // namespace broadsheet::cli

#endif  // BROADSHEET_SERVICES_CLI_EXPORTERS_STORY_H_
