#include "services/gateway/assembler.h"

namespace broadsheet::gateway {

EntryPtr Assembler::CompressedBest(const PageEntry& entry) const {
  return CompressBest(entry, renderers_.current()->content_security_policy(), uncoded_);
}

}  // namespace broadsheet::gateway
