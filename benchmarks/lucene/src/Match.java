import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.util.CharTokenizer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.Term;
import org.apache.lucene.monitor.Monitor;
import org.apache.lucene.monitor.MonitorConfiguration;
import org.apache.lucene.monitor.MonitorQuery;
import org.apache.lucene.monitor.MultiMatchingQueries;
import org.apache.lucene.monitor.MultipassTermFilteredPresearcher;
import org.apache.lucene.monitor.Presearcher;
import org.apache.lucene.monitor.QueryMatch;
import org.apache.lucene.monitor.TermFilteredPresearcher;
import org.apache.lucene.queries.intervals.IntervalQuery;
import org.apache.lucene.queries.intervals.Intervals;
import org.apache.lucene.queries.intervals.IntervalsSource;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;

/**
 * Lucene's Monitor over the rules and articles that benchmarks/match.py wrote.
 *
 * <p>RULES has one query a line in postfix words (w:WORD, p:N, or:N, and:N, not, near:N:ORDERED, sent, title). ARTICLES
 * has a title, a body, and the text with sentence marks, one article a line, parted by tabs. HITS takes the matching
 * rules of each article. Sentences are a field of their own, in which a mark stands at the end of each.
 */
public final class Match {
  private static final String END = "eos0eos";
  private static final String[] BOTH = {"title", "body"};

  private record Node(String kind, String text, int number, boolean ordered, List<Node> children) {}

  private static final class Words extends Analyzer {
    @Override
    protected TokenStreamComponents createComponents(String field) {
      Tokenizer words = CharTokenizer.fromTokenCharPredicate(Character::isLetterOrDigit);
      return new TokenStreamComponents(words, new LowerCaseFilter(words));
    }
  }

  public static void main(String[] arguments) throws IOException {
    List<Query> queries = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(arguments[0]))) queries.add(query(parsed(line), BOTH));
    List<Document> articles = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(arguments[1]))) articles.add(article(line.split("\t", -1)));
    double seconds = Double.parseDouble(arguments[3]);
    for (String presearch : new String[] {"terms", "passes"}) {
      long started = System.nanoTime();
      try (Monitor monitor = monitor(queries, presearch)) {
        double build = since(started);
        for (int batch : new int[] {1, 16}) measure(monitor, articles, batch, seconds, presearch, build, arguments[2]);
      }
    }
  }

  private static Monitor monitor(List<Query> queries, String presearch) throws IOException {
    Presearcher presearcher =
        presearch.equals("terms") ? new TermFilteredPresearcher() : new MultipassTermFilteredPresearcher(2);
    Monitor monitor =
        new Monitor(new Words(), presearcher, new MonitorConfiguration().setQueryUpdateBufferSize(20_000));
    List<MonitorQuery> all = new ArrayList<>();
    for (int n = 0; n < queries.size(); n++) all.add(new MonitorQuery(Integer.toString(n), queries.get(n)));
    monitor.register(all);
    return monitor;
  }

  private static void measure(
      Monitor monitor, List<Document> articles, int batch, double seconds, String presearch, double build, String hits)
      throws IOException {
    long started = System.nanoTime();
    pass(monitor, articles, batch, seconds / 2, null); // warms up
    while (since(started) < seconds / 2) pass(monitor, articles, batch, seconds / 2, null);
    List<String> found = new ArrayList<>();
    started = System.nanoTime();
    long evaluated = pass(monitor, articles, batch, seconds, found);
    double took = since(started);
    Files.write(Path.of(hits), found);
    System.out.printf(
        Locale.ROOT,
        "{\"presearch\": \"%s\", \"batch\": %d, \"build_s\": %.2f, \"us\": %.1f, \"articles\": %d, \"evaluations\": %.1f}%n",
        presearch, batch, build, took / found.size() * 1e6, found.size(), (double) evaluated / found.size());
  }

  private static long pass(Monitor monitor, List<Document> articles, int batch, double most, List<String> found)
      throws IOException {
    long evaluated = 0;
    long started = System.nanoTime();
    for (int at = 0; at < articles.size() && since(started) < most; at += batch) {
      List<Document> here = articles.subList(at, Math.min(at + batch, articles.size()));
      MultiMatchingQueries<QueryMatch> all =
          monitor.match(here.toArray(new Document[0]), QueryMatch.SIMPLE_MATCHER);
      evaluated += (long) all.getQueriesRun() * here.size();
      for (int n = 0; n < here.size() && found != null; n++) {
        List<Integer> rules = new ArrayList<>();
        for (QueryMatch match : all.getMatches(n)) rules.add(Integer.parseInt(match.getQueryId()));
        Collections.sort(rules);
        found.add(rules.toString().replaceAll("[\\[\\],]", ""));
      }
    }
    return evaluated;
  }

  private static double since(long started) {
    return (System.nanoTime() - started) / 1e9;
  }

  private static Document article(String[] texts) {
    FieldType positions = new FieldType();
    positions.setTokenized(true);
    positions.setOmitNorms(true);
    positions.setIndexOptions(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS);
    Document made = new Document();
    made.add(new Field("title", texts[0], positions));
    made.add(new Field("body", texts[1], positions));
    made.add(new Field("sentences", texts[2].replace("|", " " + END + " "), positions));
    return made;
  }

  private static Node parsed(String line) {
    Deque<Node> stack = new ArrayDeque<>();
    for (String word : line.split(" ")) {
      String[] parts = word.split(":");
      int count =
          switch (parts[0]) {
            case "w" -> 0;
            case "near" -> 2;
            case "p", "or", "and" -> Integer.parseInt(parts[1]);
            default -> 1;
          };
      Node[] children = new Node[count];
      for (int n = count - 1; n >= 0; n--) children[n] = stack.pop();
      boolean near = parts[0].equals("near");
      String text = parts[0].equals("w") ? parts[1] : "";
      stack.push(
          new Node(parts[0], text, near ? Integer.parseInt(parts[1]) : 0, near && parts[2].equals("1"), Arrays.asList(children)));
    }
    return stack.pop();
  }

  private static IntervalsSource[] sources(Node node) {
    return node.children().stream().map(Match::source).toArray(IntervalsSource[]::new);
  }

  private static IntervalsSource source(Node node) {
    return switch (node.kind()) {
      case "w" -> Intervals.term(node.text());
      case "p" -> Intervals.phrase(sources(node));
      case "or" -> Intervals.or(sources(node));
      case "and" -> Intervals.unordered(sources(node));
      case "near" -> {
        IntervalsSource[] sides = sources(node);
        IntervalsSource pair =
            node.ordered() ? Intervals.ordered(sides) : Intervals.unorderedNoOverlaps(sides[0], sides[1]);
        yield Intervals.maxgaps(node.number() - 1, pair);
      }
      default -> throw new IllegalArgumentException(node.kind());
    };
  }

  private static Query query(Node node, String[] fields) {
    BooleanQuery.Builder all = new BooleanQuery.Builder();
    switch (node.kind()) {
      case "title" -> {
        return query(node.children().get(0), new String[] {"title"});
      }
      case "sent" -> {
        IntervalsSource inside = Intervals.notContaining(source(node.children().get(0)), Intervals.term(END));
        return new IntervalQuery("sentences", inside);
      }
      case "or" -> {
        for (Node child : node.children()) all.add(query(child, fields), BooleanClause.Occur.SHOULD);
      }
      case "and" -> {
        for (Node child : node.children()) {
          boolean not = child.kind().equals("not");
          Query inner = query(not ? child.children().get(0) : child, fields);
          all.add(inner, not ? BooleanClause.Occur.MUST_NOT : BooleanClause.Occur.MUST);
        }
      }
      default -> {
        for (String field : fields) all.add(inField(node, field), BooleanClause.Occur.SHOULD);
      }
    }
    return all.build();
  }

  private static Query inField(Node node, String field) {
    if (node.kind().equals("w")) return new TermQuery(new Term(field, node.text()));
    if (node.kind().equals("p") && node.children().stream().allMatch(child -> child.kind().equals("w"))) {
      return new PhraseQuery(field, node.children().stream().map(Node::text).toArray(String[]::new));
    }
    return new IntervalQuery(field, source(node));
  }
}
