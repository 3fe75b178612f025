// Jena TDB2 behind the HTTP server of the JDK: the SPARQL 1.1 Protocol's query by GET, for bench/sparql.py only.
// Fuseki is not in Debian; this is the least that gives the same engine an address. One program, one file, no build:
//     java -cp JARS bench/_sparql_jena.java FOLDER PORT CATALOGUE.nt
// The catalogue is loaded into FOLDER the first time.

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import org.apache.jena.query.Dataset;
import org.apache.jena.query.Query;
import org.apache.jena.query.QueryExecution;
import org.apache.jena.query.QueryExecutionFactory;
import org.apache.jena.query.QueryFactory;
import org.apache.jena.query.ReadWrite;
import org.apache.jena.query.ResultSetFormatter;
import org.apache.jena.system.Txn;
import org.apache.jena.system.progress.MonitorOutputs;
import org.apache.jena.tdb2.TDB2Factory;
import org.apache.jena.tdb2.loader.LoaderFactory;

class JenaServer {
    private static Dataset dataset;

    public static void main(String[] arguments) throws IOException {
        dataset = TDB2Factory.connectDataset(arguments[0]);
        boolean empty = Txn.calculateRead(dataset, () -> dataset.asDatasetGraph().isEmpty());
        if (empty) {
            var loader = LoaderFactory.sequentialLoader(dataset.asDatasetGraph(), MonitorOutputs.nullOutput());
            loader.startBulk();
            loader.load(arguments[2]);
            loader.finishBulk();
        }
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[1])), 16);
        server.createContext("/sparql", JenaServer::answer);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
    }

    private static String query(HttpExchange exchange) {
        for (String pair : exchange.getRequestURI().getRawQuery().split("&")) {
            if (pair.startsWith("query=")) {
                return URLDecoder.decode(pair.substring(6), StandardCharsets.UTF_8);
            }
        }
        throw new IllegalArgumentException("no query");
    }

    private static void answer(HttpExchange exchange) throws IOException {
        boolean started = false;
        dataset.begin(ReadWrite.READ);
        try (exchange) {
            Query query = QueryFactory.create(query(exchange));
            boolean csv = "text/csv".equals(exchange.getRequestHeaders().getFirst("Accept"));
            try (QueryExecution execution = QueryExecutionFactory.create(query, dataset)) {
                exchange.getResponseHeaders().set("Content-Type", csv ? "text/csv" : "application/sparql-results+json");
                if (query.isAskType()) {
                    boolean found = execution.execAsk();
                    exchange.sendResponseHeaders(200, 0);
                    started = true;
                    ResultSetFormatter.outputAsJSON(exchange.getResponseBody(), found);
                    return;
                }
                var rows = execution.execSelect();
                rows.hasNext();
                exchange.sendResponseHeaders(200, 0);
                started = true;
                try (OutputStream out = exchange.getResponseBody()) {
                    if (csv) {
                        ResultSetFormatter.outputAsCSV(out, rows);
                    } else {
                        ResultSetFormatter.outputAsJSON(out, rows);
                    }
                }
            }
        } catch (RuntimeException error) {
            if (!started) {
                byte[] text = String.valueOf(error).getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(400, text.length);
                exchange.getResponseBody().write(text);
            }
        } finally {
            dataset.end();
        }
    }
}
