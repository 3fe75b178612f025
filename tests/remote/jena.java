// Jena TDB2 behind the HTTP server of the JDK, in the place of Fuseki, which Debian does not package.
//
// Every query and update is evaluated by Jena on TDB2 in a transaction; what stands here is HTTP, with the addresses,
// status codes and dataset parameters of Fuseki (https://jena.apache.org/documentation/fuseki2/):
//     /NAME/query, /NAME/sparql    SPARQL 1.1 Protocol, query: GET, POST of a form, POST of application/sparql-query
//     /NAME/update                 SPARQL 1.1 Protocol, update: POST of a form or of application/sparql-update
//     /NAME/data                   SPARQL 1.1 Graph Store HTTP Protocol: GET, PUT, POST, DELETE
// It has none of Fuseki's pages, logs, uploads of files and access rules. One program, one file, no build:
//     java -cp 'FOLDER:/usr/share/java/slf4j-nop.jar:/usr/share/java/*' [-Dtimeout=SECONDS] [-Daccount=USER:PASSWORD] \
//         jena.java FOLDER PORT NAME[=FILE]...
// FOLDER exists; each dataset stands in FOLDER/NAME, and FILE is loaded into one that is empty. The silent one of the
// loggers in Debian's folder comes first: two others together end the program.

import com.sun.net.httpserver.*;
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicLong;
import java.util.jar.JarFile;
import org.apache.jena.dboe.base.file.Location;
import org.apache.jena.graph.*;
import org.apache.jena.query.*;
import org.apache.jena.riot.*;
import org.apache.jena.riot.lang.StreamRDFCounting;
import org.apache.jena.riot.resultset.ResultSetLang;
import org.apache.jena.riot.system.*;
import org.apache.jena.sparql.core.*;
import org.apache.jena.sparql.exec.*;
import org.apache.jena.sparql.modify.UsingList;
import org.apache.jena.sparql.resultset.ResultsWriter;
import org.apache.jena.system.Txn;
import org.apache.jena.system.progress.MonitorOutputs;
import org.apache.jena.tdb2.DatabaseMgr;
import org.apache.jena.tdb2.loader.LoaderFactory;
import org.apache.jena.update.UpdateAction;

class Jena {
    private static final String BASE = "http://server/unset-base/"; // against which Fuseki reads relative IRIs
    private static final String OLD_MESSAGES = "org/apache/jena/ext/";
    private static final AtomicLong NUMBER = new AtomicLong();

    private final DatasetGraph dataset;

    Jena(DatasetGraph dataset) {
        this.dataset = dataset;
    }

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        mend(folder);
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[1])), 64);
        for (String argument : List.of(arguments).subList(2, arguments.length)) {
            String[] parts = argument.split("=", 2);
            Path place = Files.createDirectories(folder.resolve(parts[0]));
            DatasetGraph dataset = DatabaseMgr.connectDatasetGraph(Location.create(place.toString()));
            if (parts.length > 1) {
                load(dataset, parts[1]);
            }
            var jena = new Jena(dataset);
            serve(server, "/" + parts[0] + "/query", jena::query);
            serve(server, "/" + parts[0] + "/sparql", jena::query);
            serve(server, "/" + parts[0] + "/update", jena::update);
            serve(server, "/" + parts[0] + "/data", jena::data);
        }
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }

    // Debian's package 4.5.0-2 moved the classes of Xerces to "xerces" and left their messages under
    // "org/apache/jena/ext": nothing starts ("Couldn't load messages") until they are where the classes look.
    private static void mend(Path folder) throws IOException {
        List<String> jars = List.of(System.getProperty("java.class.path").split(":"));
        for (String jar : jars.stream().filter(name -> name.endsWith("/jena-core.jar")).toList()) {
            try (var file = new JarFile(jar)) {
                for (var entry : file.stream().filter(item -> item.getName().startsWith(OLD_MESSAGES)).toList()) {
                    Path target = folder.resolve(entry.getName().substring(OLD_MESSAGES.length()));
                    if (entry.getName().endsWith(".properties")) {
                        Files.createDirectories(target.getParent());
                        Files.write(target, file.getInputStream(entry).readAllBytes());
                    }
                }
            }
        }
    }

    private static void load(DatasetGraph dataset, String file) {
        if (Txn.calculateRead(dataset, dataset::isEmpty)) {
            var loader = LoaderFactory.sequentialLoader(dataset, MonitorOutputs.nullOutput());
            loader.startBulk();
            loader.load(file);
            loader.finishBulk();
        }
    }

    // ---- HTTP

    private interface Operation {
        void answer(Exchange exchange) throws IOException;
    }

    // A request that is refused, with what the client is told.
    private static class Refused extends RuntimeException {
        final int status;

        Refused(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    private static void serve(HttpServer server, String path, Operation operation) {
        HttpContext context = server.createContext(path, http -> answer(http, path, operation));
        String account = System.getProperty("account");
        if (account != null) {
            context.setAuthenticator(new BasicAuthenticator("TDB2") {
                @Override
                public boolean checkCredentials(String user, String password) {
                    return account.equals(user + ":" + password);
                }
            });
        }
    }

    // An error after the status line is left to the server, which breaks the connection off without the last chunk.
    private static void answer(HttpExchange http, String path, Operation operation) throws IOException {
        var exchange = new Exchange(http);
        try {
            if (!http.getRequestURI().getPath().equals(path)) { // the server hands on all that begins with it
                throw new Refused(404, "Not found");
            }
            operation.answer(exchange);
        } catch (Refused refused) {
            exchange.refuse(refused.status, refused.getMessage(), refused);
        } catch (QueryCancelledException cancelled) {
            exchange.refuse(503, "Query timed out", cancelled);
        } catch (RuntimeException error) {
            exchange.refuse(500, String.valueOf(error.getMessage()), error);
        }
        http.close();
    }

    // One request: its parameters, those of the address before those of a form, and its answer.
    private static class Exchange {
        final HttpExchange http;
        final String method;
        final String mediaType;
        final Map<String, List<String>> parameters = new HashMap<>();
        boolean begun;

        Exchange(HttpExchange http) throws IOException {
            this.http = http;
            method = http.getRequestMethod();
            Headers headers = http.getRequestHeaders();
            String given = headers.getFirst("Content-Type");
            mediaType = given == null ? "" : given.split(";")[0].strip().toLowerCase();
            http.getResponseHeaders().set("Fuseki-Request-Id", String.valueOf(NUMBER.incrementAndGet()));
            read(http.getRequestURI().getRawQuery());
            if (mediaType.equals(WebContent.contentTypeHTMLForm)) {
                read(new String(http.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            }
        }

        private void read(String fields) {
            for (String field : fields == null ? new String[0] : fields.split("&")) {
                String[] parts = field.split("=", 2);
                String value = parts.length > 1 ? URLDecoder.decode(parts[1], StandardCharsets.UTF_8) : "";
                parameters.computeIfAbsent(parts[0], name -> new ArrayList<>()).add(value);
            }
        }

        List<String> all(String name) {
            return parameters.getOrDefault(name, List.of());
        }

        String one(String name) {
            if (all(name).size() != 1) {
                throw new Refused(400, "There must be one '" + name + "=' parameter");
            }
            return all(name).get(0);
        }

        // The body, or the field of a form that stands for it.
        InputStream text(String contentType, String field) throws IOException {
            if (mediaType.equals(contentType)) {
                return http.getRequestBody();
            }
            if (!mediaType.isEmpty() && !mediaType.equals(WebContent.contentTypeHTMLForm)) {
                throw new Refused(415, "Bad content type: " + mediaType);
            }
            return new ByteArrayInputStream(one(field).getBytes(StandardCharsets.UTF_8));
        }

        String accepted() {
            String given = http.getRequestHeaders().getFirst("Accept");
            return given == null ? "*/*" : given.split("[,;]")[0].strip();
        }

        OutputStream begin(Lang lang) throws IOException {
            http.getResponseHeaders().set("Content-Type", lang.getHeaderString());
            http.sendResponseHeaders(200, 0);
            begun = true;
            return http.getResponseBody();
        }

        void end(int status) throws IOException {
            begun = true;
            http.sendResponseHeaders(status, -1);
        }

        void refuse(int status, String message, RuntimeException error) throws IOException {
            if (begun) {
                throw error;
            }
            say(status, "text/plain", message + "\n");
        }

        void say(int status, String type, String message) throws IOException {
            byte[] text = message.getBytes(StandardCharsets.UTF_8);
            http.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
            http.sendResponseHeaders(status, text.length);
            begun = true;
            http.getResponseBody().write(text);
        }
    }

    // ---- SPARQL 1.1 Protocol

    private void query(Exchange exchange) throws IOException {
        if (!exchange.method.equals("GET") && !exchange.method.equals("POST")) {
            throw new Refused(405, "Not a GET or POST request");
        }
        byte[] text = exchange.text(WebContent.contentTypeSPARQLQuery, "query").readAllBytes();
        Query query;
        try {
            query = QueryFactory.create(new String(text, StandardCharsets.UTF_8), BASE, Syntax.syntaxARQ);
        } catch (QueryException error) {
            throw new Refused(400, "Parse error: " + String.valueOf(error.getMessage()).split("\n")[0]);
        }
        dataset.begin(TxnType.READ);
        try (QueryExec execution = execution(exchange, query)) {
            send(exchange, query, execution);
        } finally {
            dataset.end();
        }
    }

    private QueryExec execution(Exchange exchange, Query query) {
        List<String> graphs = exchange.all("default-graph-uri");
        List<String> named = exchange.all("named-graph-uri");
        boolean given = !graphs.isEmpty() || !named.isEmpty();
        var description = given ? DatasetDescription.create(graphs, named) : query.getDatasetDescription();
        DatasetGraph asked = dataset;
        if (description != null) {
            asked = DynamicDatasets.dynamicDataset(description, dataset, false);
            query.getGraphURIs().clear();
            query.getNamedGraphURIs().clear();
        }
        double seconds = Double.parseDouble(System.getProperty("timeout", "0"));
        if (!exchange.all("timeout").isEmpty()) { // the client may ask for less than the server allows
            double wanted = Double.parseDouble(exchange.all("timeout").get(0));
            seconds = seconds > 0 ? Math.min(seconds, wanted) : wanted;
        }
        var builder = QueryExec.dataset(asked).query(query);
        if (seconds > 0) {
            builder.overallTimeout((long) (seconds * 1000), TimeUnit.MILLISECONDS);
        }
        return builder.build();
    }

    private static void send(Exchange exchange, Query query, QueryExec execution) throws IOException {
        if (query.isSelectType()) {
            RowSet rows = execution.select();
            rows.hasNext(); // so that an early end still gets its status
            sendRows(exchange, rows);
        } else if (query.isAskType()) {
            boolean found = execution.ask();
            Lang lang = resultLang(exchange);
            ResultsWriter.create().lang(lang).build().write(exchange.begin(lang), found);
        } else if (query.isConstructType() || query.isDescribeType()) { // whole before it is sent, as in Fuseki
            Graph graph = query.isConstructType() ? execution.construct() : execution.describe();
            Lang lang = graphLang(exchange.accepted());
            RDFDataMgr.write(exchange.begin(lang), graph, lang);
        } else {
            throw new Refused(400, "Unknown query type");
        }
    }

    private static void sendRows(Exchange exchange, RowSet rows) throws IOException {
        Lang lang = resultLang(exchange);
        OutputStream out = exchange.begin(lang);
        try {
            ResultsWriter.create().lang(lang).build().write(out, rows);
        } catch (QueryCancelledException cancelled) { // the lines that Fuseki ends a late answer with
            String line = "##  Query cancelled due to timeout during execution   ##\n";
            String more = "##  ****          Incomplete results           ****   ##\n";
            out.write(("\n" + line + more).getBytes(StandardCharsets.UTF_8));
        }
        out.flush();
    }

    private static Lang resultLang(Exchange exchange) {
        Lang lang = WebContent.contentTypeToLangResultSet(exchange.accepted());
        return lang == null || lang.equals(Lang.RDFNULL) ? ResultSetLang.RS_JSON : lang;
    }

    private static Lang graphLang(String mediaType) {
        Lang lang = RDFLanguages.contentTypeToLang(mediaType);
        return lang == null || !RDFLanguages.isTriples(lang) ? Lang.TURTLE : lang;
    }

    private void update(Exchange exchange) throws IOException {
        if (!exchange.method.equals("POST")) {
            throw new Refused(405, "SPARQL Update : use POST");
        }
        InputStream text = exchange.text(WebContent.contentTypeSPARQLUpdate, "update");
        var using = new UsingList();
        exchange.all("using-graph-uri").forEach(iri -> using.addUsing(NodeFactory.createURI(iri)));
        exchange.all("using-named-graph-uri").forEach(iri -> using.addUsingNamed(NodeFactory.createURI(iri)));
        write(() -> UpdateAction.parseExecute(using, dataset, text, BASE, Syntax.syntaxARQ));
        exchange.end(204);
    }

    private void write(Runnable change) {
        dataset.begin(TxnType.WRITE);
        try {
            change.run();
            dataset.commit();
        } catch (QueryException | RiotException error) {
            dataset.abort();
            throw new Refused(400, "Parse error: " + String.valueOf(error.getMessage()).split("\n")[0]);
        } catch (RuntimeException error) {
            dataset.abort();
            throw error;
        } finally {
            dataset.end();
        }
    }

    // ---- SPARQL 1.1 Graph Store HTTP Protocol

    private void data(Exchange exchange) throws IOException {
        boolean isDefault = !exchange.all("default").isEmpty();
        Node name = isDefault ? null : NodeFactory.createURI(exchange.one("graph"));
        switch (exchange.method) {
            case "GET" -> get(exchange, name);
            case "DELETE" -> delete(exchange, name);
            case "PUT", "POST" -> put(exchange, name);
            default -> throw new Refused(405, "Not a GET, PUT, POST or DELETE request");
        }
    }

    private Graph graph(Node name) {
        return name == null ? dataset.getDefaultGraph() : dataset.getGraph(name);
    }

    private void get(Exchange exchange, Node name) throws IOException {
        Lang lang = graphLang(exchange.accepted());
        dataset.begin(TxnType.READ);
        try {
            if (name != null && !dataset.containsGraph(name)) {
                throw new Refused(404, "No such graph: <" + name + ">");
            }
            RDFDataMgr.write(exchange.begin(lang), graph(name), lang);
        } finally {
            dataset.end();
        }
    }

    private void delete(Exchange exchange, Node name) throws IOException {
        boolean[] existed = {true};
        write(() -> {
            existed[0] = name == null || dataset.containsGraph(name);
            graph(name).clear();
        });
        exchange.end(existed[0] ? 204 : 404);
    }

    private void put(Exchange exchange, Node name) throws IOException {
        Lang lang = RDFLanguages.contentTypeToLang(exchange.mediaType);
        if (lang == null || !RDFLanguages.isTriples(lang)) {
            throw new Refused(415, "Unknown content type for triples: " + exchange.mediaType);
        }
        boolean[] existed = {true};
        var sink = new StreamRDFCounting[1];
        write(() -> {
            Graph graph = graph(name);
            existed[0] = !graph.isEmpty();
            if (exchange.method.equals("PUT")) {
                graph.clear();
            }
            sink[0] = StreamRDFLib.count(StreamRDFLib.graph(graph));
            var reader = RDFParser.source(exchange.http.getRequestBody()).lang(lang).base(BASE);
            reader.errorHandler(ErrorHandlerFactory.errorHandlerStd).parse(sink[0]); // Fuseki takes what it warns of
        });
        exchange.say(existed[0] ? 200 : 201, "application/json", "{ \"count\" : " + sink[0].count() + " }\n");
    }
}
