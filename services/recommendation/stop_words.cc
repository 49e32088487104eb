#include "services/recommendation/stop_words.h"

#include <string>
#include <unordered_map>
#include <unordered_set>

#include "absl/strings/str_split.h"

namespace broadsheet::recommendation {
namespace {

// Folded as the tokenizer folds: lower case, no accents.
constexpr absl::string_view kEnglish =
    "a about above across after again against ago all almost alone along already also although always am "
    "among an and another any anybody anyone anything are aren't around as asked at away back be became "
    "because become been before began behind being below between both but by called came can can't cannot "
    "come comes coming could couldn't day days did didn't do does doesn't doing don't done down during each "
    "early eight either else end enough even ever every everybody everyone everything far few fewer first "
    "five for found four from further gave get gets getting give given go goes going gone good got great had "
    "hadn't half has hasn't have haven't having he he'd he'll he's her here hers herself him himself his how "
    "however i i'd i'll i'm i've if in into is isn't it it'd it'll it's its itself just keep kept knew know "
    "known last late later least less let like little long longer look looked made make makes making many "
    "may me might mine minute minutes month months more morning most mr mrs ms much must my myself near "
    "never new next night nine no nobody none nor not nothing now of off often old on once one ones only or "
    "other others our ours ourselves out over own part per perhaps put quite rather really right said same "
    "saw say saying says second see seen set seven several shall she she'd she'll she's should shouldn't "
    "since six so some somebody someone something soon still such take taken takes taking tell ten than that "
    "that's the their theirs them themselves then there there's these they they'd they'll they're they've "
    "thing things think third this those though thought three through time times to today together told "
    "tomorrow too took toward towards twice two under until up upon us use used very want wanted was wasn't "
    "way we we'd we'll we're we've week weeks well went were weren't what what's when where whether which "
    "while who who's whom whose why will with within without won't work would wouldn't year years yes "
    "yesterday yet you you'd you'll you're you've your yours yourself monday tuesday wednesday thursday "
    "friday saturday sunday january february march april june july august september october november "
    "december dr people";

constexpr absl::string_view kArabic =
    "في من علي الي عن مع ان هذا هذه ذلك تلك التي الذي الذين هو هي هم كان كانت يكون قد لا ما لم لن كل "
    "بعد قبل بين حتي او ثم كما غير بل عند منذ اي نحن انا كانوا وقد وقال قال قالت وفي ومن وهو وهي ولا "
    "ولم فيه فيها منه منها به بها له لها عليه عليها يوم عام سنة ايضا حين حيث";

constexpr absl::string_view kGerman =
    "aber alle als also am an ander andere anderen auch auf aus bei bereits bin bis bist da damit dann das "
    "dass dem den denn der des dessen die dies diese diesem diesen dieser dieses doch dort du durch ein eine "
    "einem einen einer eines er es etwas euch fur gegen gewesen hab habe haben hat hatte hatten hier ich ihm "
    "ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jahr jahre jede jedem jeden jeder jedes jetzt "
    "kann kein keine keinen keiner konnen konnte mehr mein meine mit muss nach nicht nichts noch nun nur ob "
    "oder ohne sagt sagte schon sehr sei sein seine seinem seinen seiner seit sich sie sind so soll sollte "
    "uber um und uns unser unter viel vom von vor war waren warum was weil wenn wer werde werden wie wieder "
    "will wir wird wo wurde wurden zu zum zur zwei zwischen";

constexpr absl::string_view kFrench =
    "a ai ainsi an annee annees apres au aucun aussi autre autres aux avait avant avec avoir bien c'est ce "
    "cela celle celui ces cet cette ceux chaque comme contre dans de depuis des deux dit donc dont du elle "
    "elles en encore entre est et etaient etait ete etre eux fait faire fois il ils je jour jours la le les "
    "leur leurs lui mais me meme memes moins mon ne nos notre nous on ont ou par parce pas peu peut plus "
    "pour pourquoi quand que quel quelle qui sa sans se selon sera ses si son sont sous sur tous tout toute "
    "toutes tres un une vers vos votre vous";

constexpr absl::string_view kSpanish =
    "a al algo algunos ano anos ante antes aqui asi aun aunque cada como con contra cual cuando de del desde "
    "dia dias dijo donde dos durante e el ella ellas ellos en entre era eran es esa ese eso esta estaba "
    "estan estar este esto estos fue fueron ha habia han hasta hay la las le les lo los mas me mi mientras "
    "muy nada ni no nos o otra otras otro otros para pero poco por porque puede que quien se segun ser si "
    "sido sin sobre solo son su sus tambien tan tanto tiene tienen toda todas todo todos tras un una uno "
    "unos y ya yo";

constexpr absl::string_view kPortuguese =
    "a agora ainda ano anos antes ao aos apenas aqui as ate cada com como da das de depois desde dia dias "
    "disse do dois dos e ela elas ele eles em entre era eram essa esse esta estao estava este eu foi foram "
    "ha isso isto ja la lhe mais mas me mesmo muito na nao nas nem no nos num numa o onde os ou outra outras "
    "outro outros para pela pelas pelo pelos pode por porque quando que quem se sem ser seu seus so sobre "
    "sua suas tambem tem tinha todos tres tudo um uma vez vezes";

using Words = std::unordered_set<std::string>;

Words Split(absl::string_view list) {
  const std::vector<std::string> words = absl::StrSplit(list, ' ');
  return {words.begin(), words.end()};
}

const Words* WordsOf(absl::string_view language) {
  static const auto* const lists = new std::unordered_map<std::string, Words>{
      {"en", Split(kEnglish)}, {"ar", Split(kArabic)},  {"de", Split(kGerman)},
      {"fr", Split(kFrench)},  {"es", Split(kSpanish)}, {"pt", Split(kPortuguese)}};
  const auto found = lists->find(std::string(language));
  return found == lists->end() ? nullptr : &found->second;
}

}  // namespace

bool IsStopWord(absl::string_view language, absl::string_view word) {
  const Words* const words = WordsOf(language);
  return words != nullptr && words->count(std::string(word)) > 0;
}

}  // namespace broadsheet::recommendation
