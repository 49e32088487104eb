#include "services/media/decoder_process.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <new>

#include "absl/base/config.h"
#include "absl/status/status.h"
#include "services/media/files.h"
#include "services/media/image_header.h"
#include "services/media/image_metadata.h"
#include "services/media/image_pipeline.h"

namespace broadsheet::media {
namespace {

#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
constexpr bool kLimitsMemory = false;  // sanitizers reserve terabytes of address space
#else
constexpr bool kLimitsMemory = true;
#endif

void Limit(int resource, rlim_t soft, rlim_t hard) {
  const rlimit limit{.rlim_cur = soft, .rlim_max = hard};
  setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

void Limit(int resource, rlim_t most) { Limit(resource, most, most); }

void LimitSelf() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // no decoder outlives the service
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0);
  // At the first, SIGXCPU: a SIGKILL is then somebody else's, and not the picture's fault.
  Limit(RLIMIT_CPU, kDecoderCpuSeconds, kDecoderCpuSeconds + 5);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_FSIZE, 0);
  std::signal(SIGXFSZ, SIG_IGN);  // writing to a file fails, as it must; libraries that try have other ways
  Limit(RLIMIT_NOFILE, 64);
  if (kLimitsMemory) Limit(RLIMIT_AS, kDecoderMemoryBytes);
}

v1::Rendition Describe(const RenderedFile& file) {
  v1::Rendition rendition;
  rendition.set_name(file.name);
  rendition.set_media_type(file.media_type);
  rendition.set_width(file.width);
  rendition.set_height(file.height);
  rendition.set_byte_size(static_cast<std::int64_t>(file.bytes.size()));
  return rendition;
}

absl::StatusOr<DecodedImage> Decode(std::string_view file, std::string_view language) {
  absl::StatusOr<ImageHeader> header = ReadImageHeader(file);
  if (!header.ok()) return header.status();
  DecodedImage decoded;
  *decoded.image.mutable_metadata() = ReadMetadata(header->metadata, language);
  absl::StatusOr<RenderedImage> rendered = Render(file, header->type, PipelineOptions());
  if (!rendered.ok()) return rendered.status();
  decoded.image.set_media_type(std::string(MediaType(header->type)));
  decoded.image.set_width(rendered->width);
  decoded.image.set_height(rendered->height);
  decoded.image.set_placeholder_color(rendered->placeholder_color);
  for (RenderedFile& rendition : rendered->files) {
    *decoded.image.add_renditions() = Describe(rendition);
    decoded.renditions.push_back(std::move(rendition.bytes));
  }
  return decoded;
}

absl::StatusOr<DecodedImage> DecodeDescriptor(const char* program, std::string_view language) {
  try {
    if (absl::Status started = StartPipeline(program); !started.ok()) return started;
    absl::StatusOr<MappedFile> file = MappedFile::Map(STDIN_FILENO);
    if (!file.ok()) return file.status();
    return Decode(file->bytes(), language);
  } catch (const std::bad_alloc&) {
    return absl::InvalidArgumentError("the picture needs more memory than decoding may take");
  }
}

}  // namespace

int RunDecoder(const char* program, std::string_view language) {
  LimitSelf();
  const std::string answer = EncodeAnswer(DecodeDescriptor(program, language));
  const bool sent = WriteAll(STDOUT_FILENO, answer).ok();
  _exit(sent ? 0 : 1);  // libraries' clean-up is of no use to anybody now
}

}  // namespace broadsheet::media
