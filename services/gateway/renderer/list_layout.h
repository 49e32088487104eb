#ifndef BROADSHEET_SERVICES_GATEWAY_RENDERER_LIST_LAYOUT_H_
#define BROADSHEET_SERVICES_GATEWAY_RENDERER_LIST_LAYOUT_H_

#include <vector>

#include "services/gateway/renderer/page_model.h"

namespace broadsheet::gateway {

// Where the stories of a list page stand. Pointers into the model.
struct ListLayout {
  struct Column {
    const article::v1::Section* section = nullptr;
    std::vector<const article::v1::Article*> stories;
  };
  const article::v1::Article* lead = nullptr;          // null: there are no stories
  std::vector<const article::v1::Article*> secondary;  // beneath the lead: such as have pictures, if any do
  std::vector<const article::v1::Article*> briefs;     // beside the lead, in words
  std::vector<const article::v1::Article*>
      latest;                                     // the newest of the rest; they also stand in their columns
  std::vector<Column> columns;                    // by section, in the masthead's order
  std::vector<const article::v1::Article*> rest;  // section pages: everything else, newest first
  std::vector<const article::v1::Article*> chosen;  // by editors, and not placed above nor in a column
};

// Both pages are containers: what editors have chosen comes first, in their order and whether it has a
// picture or not, as lead, secondary stories, briefs, and then at the head of its column or of the rest; what
// there is no room for even there stands where it would if it had not been chosen. The places that are left
// are filled by weight.
//
// The front: the weightiest story leads. Weight is time of publication with six hours' credit for each step
// of urgency above 5, so an urgent story leads over newer ones for a while and then makes room. A lead with a
// picture is preferred to one that is up to six hours ahead of it. Every story stands in one place, but for
// the list of the latest.
ListLayout LayOutFront(const ListPage& page);

// A section page: the same choice of lead and secondary stories, then the rest.
ListLayout LayOutSection(const ListPage& page);

}  // namespace broadsheet::gateway

#endif  // BROADSHEET_SERVICES_GATEWAY_RENDERER_LIST_LAYOUT_H_
