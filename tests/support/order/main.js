// A stock client that writes down in which order it hears, and how its calls end.
import SmartConnect from 'wslink/src/SmartConnect';

const show = (id, text) => {
  document.getElementById(id).textContent += `${text} `;
};

const client = SmartConnect.newInstance({ config: { wsProxy: true } });
client.onConnectionClose(() => show('called', 'closed'));
client.onConnectionReady(connection => {
  const session = connection.getSession();
  let heard = 0;
  session.subscribe('order.value', ([{ number }]) => {
    show('heard', number);
    if (++heard % 4 === 0) {
      session.call('order.next', []);
    }
  });
  for (let call = 0; call < 12; call++) {
    session.call('order.wait', []).then(
      result => show('called', result),
      error => show('called', error.code)
    );
  }
  show('heard', 'ready');
});
client.connect();
