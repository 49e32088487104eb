#include "services/recommendation/tokenizer.h"

#include <libstemmer.h>
#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/recommendation/stop_words.h"

namespace broadsheet::recommendation {
namespace {

constexpr std::size_t kMaxWordBytes = 64;
constexpr std::size_t kMaxStemmers = 32;  // more than Snowball has
constexpr UChar32 kTatweel = 0x0640;      // stretches an Arabic word, means nothing

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char byte) { return byte < 0x80; });
}

std::string PrimaryLanguage(absl::string_view tag) {
  return tag.empty() ? "en" : absl::AsciiStrToLower(tag.substr(0, tag.find('-')));
}

// Accents and vowel points that many leave out when they type; not the vowel signs of Indic scripts, which
// are part of the spelling.
bool IsAccent(UChar32 character) {
  if (u_charType(character) != U_NON_SPACING_MARK) return false;
  UErrorCode error = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(character, &error);
  return script == USCRIPT_INHERITED || script == USCRIPT_HEBREW || script == USCRIPT_ARABIC;
}

// What many write in place of a letter with a mark of its own.
UChar32 PlainLetter(UChar32 character) {
  switch (character) {
    case 0x2019:  // ’
      return '\'';
    case 0x00F8:  // ø
      return 'o';
    case 0x0142:  // ł
      return 'l';
    case 0x0111:  // đ
      return 'd';
    case 0x0131:  // ı
      return 'i';
    case 0x0649:  // alef maksura
      return 0x064A;
    default:
      return character;
  }
}

std::string FoldUnicode(absl::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  static const icu::Normalizer2* const fold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  static const icu::Normalizer2* const decompose = icu::Normalizer2::getNFDInstance(error);
  if (fold == nullptr || decompose == nullptr) return absl::AsciiStrToLower(text);
  const icu::UnicodeString units =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  const icu::UnicodeString decomposed = decompose->normalize(fold->normalize(units, error), error);
  icu::UnicodeString plain;
  for (std::int32_t i = 0; i < decomposed.length(); i = decomposed.moveIndex32(i, 1)) {
    const UChar32 character = decomposed.char32At(i);
    if (!IsAccent(character) && character != kTatweel) plain.append(PlainLetter(character));
  }
  std::string folded;
  icu::Normalizer2::getNFCInstance(error)->normalize(plain, error).toUTF8String(folded);
  return folded;
}

std::string Fold(absl::string_view word) {
  return IsAscii(word) ? absl::AsciiStrToLower(word) : FoldUnicode(word);
}

// "l'eau" is "eau", "dell'acqua" is "acqua"; "o'neill" stays.
void DropElision(absl::string_view language, std::string& word) {
  if (language != "fr" && language != "it" && language != "ca") return;
  const std::size_t apostrophe = word.find('\'');
  if (apostrophe != std::string::npos && apostrophe + 2 < word.size()) word.erase(0, apostrophe + 1);
}

// Snowball's stemmers keep state, so each thread has its own.
class Stemmers {
 public:
  std::string Stem(const std::string& language, std::string word) {
    sb_stemmer* const stemmer = Find(language);
    if (stemmer == nullptr) return word;
    const sb_symbol* const stem = sb_stemmer_stem(stemmer, reinterpret_cast<const sb_symbol*>(word.data()),
                                                  static_cast<int>(word.size()));
    if (stem == nullptr || sb_stemmer_length(stemmer) == 0) return word;
    return {reinterpret_cast<const char*>(stem), static_cast<std::size_t>(sb_stemmer_length(stemmer))};
  }

 private:
  struct Delete {
    void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
  };

  sb_stemmer* Find(const std::string& language) {
    const auto found = by_language_.find(language);
    if (found != by_language_.end()) return found->second.get();
    if (by_language_.size() >= kMaxStemmers) by_language_.clear();
    return by_language_.emplace(language, sb_stemmer_new(language.c_str(), nullptr)).first->second.get();
  }

  std::map<std::string, std::unique_ptr<sb_stemmer, Delete>> by_language_;  // null: Snowball has none
};

std::string Stem(const std::string& language, std::string word) {
  thread_local Stemmers stemmers;
  return stemmers.Stem(language, std::move(word));
}

std::unique_ptr<icu::BreakIterator> NewWordIterator() {
  static const icu::BreakIterator* const prototype = [] {
    UErrorCode error = U_ZERO_ERROR;
    return icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), error);
  }();
  return std::unique_ptr<icu::BreakIterator>(prototype == nullptr ? nullptr : prototype->clone());
}

bool IsSingleCharacter(absl::string_view word) {
  std::int32_t first = 0;
  const auto length = static_cast<std::int32_t>(word.size());
  U8_FWD_1(word.data(), first, length);
  return first == length;
}

// `status` is ICU's: which kind of characters the word has.
bool SaysSomething(absl::string_view word, std::int32_t status) {
  if (status < UBRK_WORD_LETTER || word.size() > kMaxWordBytes) return false;  // spaces, marks, numbers
  return status >= UBRK_WORD_KANA || !IsSingleCharacter(word);
}

// At most `max_bytes`, and not ending within a character.
absl::string_view Prefix(absl::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  auto end = static_cast<std::int32_t>(max_bytes);
  U8_SET_CP_START(reinterpret_cast<const std::uint8_t*>(text.data()), 0, end);
  return text.substr(0, static_cast<std::size_t>(end));
}

}  // namespace

void ForEachToken(absl::string_view text, absl::string_view language_tag, std::size_t max_bytes,
                  const std::function<void(const Token&)>& take) {
  thread_local const std::unique_ptr<icu::BreakIterator> words = NewWordIterator();
  if (words == nullptr) return;
  text = Prefix(text, max_bytes);
  const std::string language = PrimaryLanguage(language_tag);
  UErrorCode error = U_ZERO_ERROR;
  UText* const units = utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &error);
  words->setText(units, error);
  std::int32_t start = 0;
  for (std::int32_t end = U_FAILURE(error) ? icu::BreakIterator::DONE : words->next();
       end != icu::BreakIterator::DONE; start = end, end = words->next()) {
    const absl::string_view printed = text.substr(start, end - start);
    if (!SaysSomething(printed, words->getRuleStatus())) continue;
    std::string folded = Fold(printed);
    DropElision(language, folded);
    if (IsStopWord(language, folded)) continue;
    const Token token{Stem(language, std::move(folded)), printed};
    if (!token.term.empty()) take(token);
  }
  utext_close(units);
}

std::string FoldPhrase(absl::string_view text) {
  std::string folded = Fold(text);
  absl::RemoveExtraAsciiWhitespace(&folded);
  return folded;
}

}  // namespace broadsheet::recommendation
