// SMART's client for JavaScript as it is after a login: all pages at once, flat, with what they refer to.
import smart from 'fhirclient';

const { baseUrl, token, count, others } = JSON.parse(process.argv[2]);
const storage = { get() {}, set() {}, unset() {} };
const logged = (tokenResponse) => smart({ headers: {} }, {}, storage).client({ serverUrl: baseUrl, tokenResponse });
const refusal = (asked) => asked.then(() => 'none', (error) => error.status);

const [found] = await logged({ access_token: token }).request('Patient', { flat: true });
const client = logged({ access_token: token, patient: found.id });
const number = (resource) => resource.identifier[0].value;
const all = { pageLimit: 0, flat: true };

const pages = [];
await client.request(`Invoice?patient=${found.id}&_count=${count}`, { pageLimit: 0, onPage: (page) => pages.push(page.total) });
const [payment] = await client.request(`PaymentNotice?patient=${found.id}`, { flat: true, resolveReferences: 'request' });
const raw = await client.request({ url: `Invoice?patient=${found.id}&_sort=date&_count=200`, includeResponse: true });

console.log(JSON.stringify({
  release: await client.getFhirRelease(),
  patient: number(await client.patient.read()),
  pages,
  numbers: (await client.request(`Invoice?patient=${found.id}&_count=${count}&_sort=date`, all)).map(number),
  own: (await client.patient.request('Invoice', all)).map(number),
  visits: (await client.patient.request('Appointment', all)).map(number),
  paid: number(payment.request),
  amounts: Object.fromEntries(raw.body.entry.map(({ resource }) => [number(resource), resource.totalGross.value])),
  refused: {
    token: await refusal(logged({ access_token: 'garbage' }).request('Invoice')),
    others: await refusal(client.request(`Patient/${others}`)),
    value: await refusal(client.request('Invoice?date=soon')),
  },
}));
